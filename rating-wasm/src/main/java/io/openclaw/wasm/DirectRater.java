package io.openclaw.wasm;

import io.openclaw.domain.Json;
import io.openclaw.domain.Rating;
import io.openclaw.rating.ModelDeadlineException;
import io.openclaw.rating.ModelTrapException;
import java.util.function.Supplier;

/**
 * One instance of a model that rates on the calling thread, each rating under a lease as on the
 * threads of a {@link WasmHost}. For one thread; what fails ends it for good, apart from that the
 * next rating begins with the memory of the start.
 */
public final class DirectRater implements AutoCloseable {
  private final WasmModel model;
  private final WasmHost host;
  private final Supplier<Guest> maker;
  private final long nanosMax;
  private final Lease lease;
  private Guest guest;

  DirectRater(WasmModel model, WasmHost host, Supplier<Guest> maker, long nanosMax)
      throws ModelTrapException, ModelDeadlineException {
    this.model = model;
    this.host = host;
    this.maker = maker;
    this.nanosMax = nanosMax;
    this.lease = host.watchdog().lease();
    try {
      this.guest = made();
    } catch (ModelTrapException | ModelDeadlineException | RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private Guest made() throws ModelTrapException, ModelDeadlineException {
    host.watchdog().begin(lease, nanosMax);
    boolean late = false;
    try {
      return maker.get();
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError | LinkageError e) {
      late = lease.isFired();
      if (!late) {
        throw new ModelTrapException("the module did not start: " + Guest.shown(e));
      }
    } finally {
      late |= lease.end();
    }
    throw model.late();
  }

  /** The rating of an input that the model's schema takes. */
  public Rating rate(Json.Obj input) throws ModelTrapException, ModelDeadlineException {
    return WasmOutput.read(bytes(model.written(input)), model.settings().reasonsMax());
  }

  /** The module's own answer to an input as it gets it. */
  byte[] bytes(byte[] input) throws ModelTrapException, ModelDeadlineException {
    boolean good = false;
    host.watchdog().begin(lease, nanosMax);
    try {
      byte[] answer = guest.rate(input);
      good = true;
      return answer;
    } catch (ModelTrapException e) {
      if (lease.isFired()) {
        throw model.late();
      }
      throw e;
    } finally {
      boolean _ = lease.end();
      if ((!good || guest.calls() >= model.settings().resetEvery()) && !guest.reset()) {
        guest = made();
      }
    }
  }

  @Override
  public void close() {
    host.watchdog().forget(lease);
  }
}
