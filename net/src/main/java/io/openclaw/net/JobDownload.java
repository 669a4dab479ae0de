package io.openclaw.net;

import io.openclaw.domain.Clock;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import org.jspecify.annotations.Nullable;

/**
 * A job's results on their way from disk: read when the client has taken what was read before.
 * Event loop only; the disk is a worker thread's.
 */
final class JobDownload implements Exchange.Streaming {
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final Exchange exchange;
  private final WorkerExecutor workers;
  private final Clock clock;
  private final int stallMillis;
  private JobService.@Nullable Results results;
  private @Nullable HttpServerResponse response;
  private long progressNanos;
  private boolean busy = true;
  private boolean over;

  JobDownload(Exchange exchange, WorkerExecutor workers, Clock clock, int stallMillis) {
    this.exchange = exchange;
    this.workers = workers;
    this.clock = clock;
    this.stallMillis = stallMillis;
  }

  void begin(JobService.Results from) {
    results = from;
    progressNanos = clock.nanoTime();
    exchange.stream(this).resume(); // a GET has no body worth reading
    response = exchange.beginStream(200, BatchServer.NDJSON);
    if (response == null || exchange.method().equals("HEAD")) {
      end(true);
      return;
    }
    response.drainHandler(drained -> read());
    busy = false;
    read();
  }

  private void read() {
    JobService.Results from = results;
    if (over || busy || from == null || response == null || response.writeQueueFull()) {
      return;
    }
    busy = true;
    workers
        .executeBlocking(from::read, false)
        .onFailure(failure -> end(false))
        .onSuccess(this::write);
  }

  private void write(byte[] lines) {
    busy = false;
    progressNanos = clock.nanoTime();
    if (over || response == null) {
      close();
    } else if (lines.length == 0) {
      end(true);
    } else {
      var _ = response.write(Buffer.buffer(lines));
      read();
    }
  }

  private void end(boolean whole) {
    over = true;
    close();
    if (whole) {
      exchange.endStream();
    } else {
      exchange.cut();
    }
  }

  private void close() {
    JobService.Results from = results;
    results = null;
    if (from != null) {
      var _ =
          workers.executeBlocking(
              () -> {
                from.close();
                return true;
              },
              false);
    }
  }

  @Override
  public void tick(long nowNanos) {
    if (!over && !busy && nowNanos - progressNanos > stallMillis * NANOS_PER_MILLI) {
      end(false);
    }
  }

  @Override
  public void gone() {
    if (!over) {
      over = true;
      if (!busy) {
        close(); // otherwise what is under way does it
      }
    }
  }
}
