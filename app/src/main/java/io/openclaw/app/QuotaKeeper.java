package io.openclaw.app;

import io.openclaw.domain.Clock;
import io.openclaw.limit.Quotas;
import java.io.IOException;
import java.lang.System.Logger.Level;

/**
 * The thread that reserves, gives and writes for {@link Quotas}, so that no request and no event
 * loop waits for the disk.
 */
final class QuotaKeeper implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("io.openclaw.app");
  private static final long STEP_MILLIS = 20;
  private static final long FAILED_MILLIS = 1000;

  private final Quotas quotas;
  private final QuotaFile file;
  private final Clock clock;
  private final Thread thread;
  private volatile boolean stopped;

  private QuotaKeeper(Quotas quotas, QuotaFile file, Clock clock) {
    this.quotas = quotas;
    this.file = file;
    this.clock = clock;
    thread = Thread.ofPlatform().name("quotas").daemon().unstarted(this::run);
  }

  /** Does a first step, so that a region that is alone can spend at once, and starts the thread. */
  static QuotaKeeper start(Quotas quotas, QuotaFile file, Clock clock) throws IOException {
    quotas.step(clock.wallMillis(), clock.nanoTime());
    QuotaKeeper keeper = new QuotaKeeper(quotas, file, clock);
    keeper.thread.start();
    return keeper;
  }

  private void run() {
    long pauseMillis = STEP_MILLIS;
    while (!stopped) {
      try {
        Thread.sleep(pauseMillis);
        quotas.step(clock.wallMillis(), clock.nanoTime());
        pauseMillis = STEP_MILLIS;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (IOException | RuntimeException e) {
        LOG.log(Level.ERROR, "quotas could not be stored", e);
        pauseMillis = FAILED_MILLIS;
      }
    }
  }

  /** Hands unspent blocks back to the disk; to be called when no request is under way. */
  @Override
  public void close() throws IOException {
    stopped = true;
    try {
      thread.join();
      quotas.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      file.close();
    }
  }
}
