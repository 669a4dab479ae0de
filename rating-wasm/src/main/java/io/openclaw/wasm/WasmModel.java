package io.openclaw.wasm;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonWriter;
import io.openclaw.domain.Rating;
import io.openclaw.rating.Attempt;
import io.openclaw.rating.Checked;
import io.openclaw.rating.DocumentModel;
import io.openclaw.rating.InputSchema;
import io.openclaw.rating.ModelDeadlineException;
import io.openclaw.rating.ModelSource;
import io.openclaw.rating.ModelTrapException;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * A model that is a WebAssembly module: it gets the input as JSON and gives the rating as JSON, on
 * a thread of its {@link WasmHost}, for a limited time, with memory of its own and nothing else.
 * Thread-safe.
 *
 * <p>Rating fails with {@link ModelDeadlineException} where the module did not end in time, with
 * {@link ModelTrapException} where it trapped or its answer is not as documented, and with {@link
 * io.openclaw.rating.ModelBusyException} where it got no thread. None of these changes what it says
 * of the next input.
 */
public final class WasmModel extends DocumentModel {
  /** What a module that was loaded comes to. */
  record Loaded(CompiledModule compiled, WasmSettings settings, int fuelGlobal) {
    Guest guest(String model) {
      return new Guest(compiled, compiled.machine(), settings, fuelGlobal, model);
    }

    /** An instance that is interpreted. */
    Guest interpreted(String model) {
      return new Guest(compiled, null, settings, fuelGlobal, model);
    }
  }

  private final Loaded loaded;
  private final WasmHost host;
  private final Lane lane;
  private final Guests guests;
  private final byte[][] fieldNames;

  WasmModel(ModelSource source, Loaded loaded, WasmHost host) {
    super(source, WasmKind.NAME, loaded.settings().schema());
    this.loaded = loaded;
    this.host = host;
    this.lane = host.lane(digest());
    this.fieldNames =
        loaded.settings().schema().fields().stream()
            .map(field -> JsonWriter.encodedName(field.name()))
            .toArray(byte[][]::new);
    this.guests = new Guests(host.limits().threadsOfOne(), () -> loaded.guest(name()));
  }

  @Override
  public boolean isDeterministic() {
    return loaded.settings().deterministic();
  }

  /** What the module says of itself. */
  public WasmSettings settings() {
    return loaded.settings();
  }

  /** How many instances there are. */
  int instances() {
    return guests.size();
  }

  @Override
  protected Checked ready(Json.Obj input) {
    return new Input(input);
  }

  /** An input that the schema takes. */
  private final class Input implements Checked.Ready {
    private final Json.Obj input;

    Input(Json.Obj input) {
      this.input = input;
    }

    @Override
    public CompletionStage<Rating> rate(Attempt attempt) {
      return host.submit(lane, this::onThread, settings().deadlineNanos());
    }

    private Rating onThread(Lease lease) throws ModelTrapException, ModelDeadlineException {
      byte[] json = written(input);
      byte[] answer;
      host.watchdog().begin(lease, settings().deadlineNanos());
      Guest guest = null;
      boolean good = false;
      try {
        guest = taken();
        answer = guest.rate(json);
        good = true;
      } catch (ModelTrapException e) {
        if (lease.isFired()) {
          throw late();
        }
        throw e;
      } finally {
        boolean _ = lease.end();
        if (guest != null) {
          giveBack(guest, good);
        }
      }
      return WasmOutput.read(answer, settings().reasonsMax());
    }
  }

  private Guest taken() throws ModelTrapException {
    try {
      Guest guest = guests.take();
      if (guest == null) { // the host gives a model no more threads than there are places
        throw new IllegalStateException("more threads than instances");
      }
      return guest;
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError | LinkageError e) {
      throw new ModelTrapException("the module did not start: " + Guest.shown(e));
    }
  }

  /** What trapped, or has rated often enough, begins anew. */
  private void giveBack(Guest guest, boolean good) {
    boolean isUsable = (good && guest.calls() < settings().resetEvery()) || guest.reset();
    if (isUsable) {
      guests.put(guest);
    } else {
      guests.drop();
    }
  }

  /** An instance of its own, for one thread. */
  Guest compiled() {
    return loaded.guest(name());
  }

  /** An instance that is interpreted, to compare with. */
  Guest interpreted() {
    return loaded.interpreted(name());
  }

  ModelDeadlineException late() {
    return new ModelDeadlineException(
        "the model %s did not end within %d ms".formatted(name(), settings().deadlineMillis()));
  }

  /** The input as the module gets it: the members that the schema names, or all. */
  byte[] written(Json.Obj input) {
    List<InputSchema.Field> fields = schema().fields();
    if (fields.isEmpty()) {
      return JsonWriter.write(input);
    }
    return JsonWriter.write(
        out -> {
          out.startObject();
          for (int i = 0; i < fields.size(); i++) {
            Json value = input.get(fields.get(i).name());
            if (value != null) {
              out.name(fieldNames[i]);
              out.value(value);
            }
          }
          out.endObject();
        });
  }

  /**
   * An instance for one thread, which rates on that thread itself: for trials and benchmarks. To be
   * closed.
   */
  public DirectRater direct() throws ModelTrapException, ModelDeadlineException {
    return new DirectRater(this, host, this::compiled, settings().deadlineNanos());
  }
}
