package io.openclaw.net;

import io.openclaw.domain.Clock;
import io.openclaw.domain.Problem;
import io.openclaw.domain.ProblemType;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/**
 * A job's body on its way to disk: a part is read when the one before is written. Event loop only;
 * the disk is a worker thread's.
 */
final class JobUpload implements Exchange.Streaming {
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final JobService jobs;
  private final JobService.Order order;
  private final Exchange exchange;
  private final WorkerExecutor workers;
  private final Clock clock;
  private final int stallMillis;
  private final BodyPace pace;
  private @Nullable HttpServerRequest request;
  private JobService.@Nullable Intake intake;
  private long progressNanos;
  private boolean busy = true;
  private boolean over;

  JobUpload(
      JobService jobs,
      JobService.Order order,
      Exchange exchange,
      WorkerExecutor workers,
      Clock clock,
      int stallMillis) {
    this.jobs = jobs;
    this.order = order;
    this.exchange = exchange;
    this.workers = workers;
    this.clock = clock;
    this.stallMillis = stallMillis;
    this.pace = new BodyPace(stallMillis * NANOS_PER_MILLI);
  }

  void begin() {
    progressNanos = clock.nanoTime();
    HttpServerRequest streamed = exchange.stream(this);
    request = streamed;
    streamed.handler(this::part);
    streamed.endHandler(end -> commit());
    workers
        .executeBlocking(() -> jobs.begin(order), false)
        .onFailure(this::fail)
        .onSuccess(
            begun -> {
              intake = begun;
              if (over) {
                abandon();
              } else {
                exchange.invite();
                read();
              }
            });
  }

  private void read() {
    busy = false;
    progressNanos = clock.nanoTime();
    pace.waits(progressNanos);
    if (request != null) {
      request.fetch(1);
    }
  }

  private void part(Buffer part) {
    JobService.Intake to = intake;
    if (over || to == null) {
      return;
    }
    busy = true;
    pace.came(part.length(), clock.nanoTime());
    byte[] bytes = part.getBytes();
    workers
        .executeBlocking(
            () -> {
              to.write(bytes);
              return true;
            },
            false)
        .onFailure(this::fail)
        .onSuccess(
            written -> {
              if (over) {
                abandon();
              } else {
                read();
              }
            });
  }

  private void commit() {
    JobService.Intake whole = intake;
    if (over || whole == null) {
      return;
    }
    busy = true;
    workers
        .executeBlocking(whole::commit, false)
        .onFailure(this::fail)
        .onSuccess(
            taken -> {
              over = true; // a client that is gone meanwhile finds its job in the list
              exchange.tell(HttpHeaders.LOCATION, JobServer.PATH + "/" + taken.id());
              exchange.answer(202, ApiServer.JSON, taken.document());
            });
  }

  private void fail(Throwable failure) {
    boolean told = over;
    over = true;
    abandon();
    if (!told) {
      JobServer.refuse(exchange, failure);
    }
  }

  private void abandon() {
    JobService.Intake begun = intake;
    if (begun != null) {
      var _ =
          workers.executeBlocking(
              () -> {
                begun.abandon();
                return true;
              },
              false);
    }
  }

  @Override
  public void tick(long nowNanos) {
    if (over || busy) {
      return;
    }
    if (nowNanos - progressNanos > stallMillis * NANOS_PER_MILLI) {
      late("nothing more of the job arrived within " + stallMillis + " ms");
    } else if (pace.isTooSlow(nowNanos)) {
      late(BodyPace.tooSlow("the job"));
    }
  }

  private void late(String detail) {
    over = true;
    abandon();
    exchange.refuse(Problem.of(ProblemType.REQUEST_TIMEOUT, detail));
  }

  @Override
  public void gone() {
    if (!over) {
      over = true;
      if (!busy) {
        abandon(); // otherwise what is under way does it
      }
    }
  }
}
