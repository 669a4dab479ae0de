package io.openclaw.net;

import io.openclaw.domain.Clock;
import io.openclaw.domain.Problem;
import io.openclaw.domain.ProblemType;
import io.openclaw.domain.Scope;
import io.openclaw.edge.Bulk;
import io.openclaw.edge.ItemSplitter;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpHeaders;
import java.lang.System.Logger.Level;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * {@code /v1/jobs}: the routes of jobs. Thread-safe; what blocks runs on worker threads of its own.
 */
public final class JobServer {
  /** The collection's path. */
  static final String PATH = "/v1/jobs";

  private static final System.Logger LOG = System.getLogger("io.openclaw.net");
  private static final CharSequence WEBHOOK = HttpHeaders.createOptimized("webhook-url");
  private static final String RESULTS = "/results";
  private static final String FROM = "from=";
  private static final int FROM_DIGITS_MAX = 12;
  private static final int WORKERS = 4;

  private final String region;
  private final Bulk bulk;
  private final JobService jobs;
  private final WorkerExecutor workers;
  private final Clock clock;
  private final int stallMillis;

  /**
   * The routes of one node.
   *
   * @param stallMillis how long a client may neither send nor read while it is waited for
   */
  public JobServer(
      Vertx vertx, String region, Bulk bulk, JobService jobs, int stallMillis, Clock clock) {
    this.region = region;
    this.bulk = bulk;
    this.jobs = jobs;
    this.workers = vertx.createSharedWorkerExecutor("jobs-http", WORKERS);
    this.stallMillis = stallMillis;
    this.clock = clock;
  }

  /** Whether the path is one of jobs. */
  static boolean serves(String path) {
    return path.equals(PATH) || path.startsWith(PATH + "/");
  }

  void route(Exchange exchange) {
    String path = exchange.path();
    String rest = path.length() > PATH.length() ? path.substring(PATH.length() + 1) : "";
    boolean results = rest.endsWith(RESULTS);
    String id = results ? rest.substring(0, rest.length() - RESULTS.length()) : rest;
    if (path.equals(PATH)) {
      switch (exchange.method()) {
        case "POST" -> as(exchange, Scope.RATE, caller -> submit(exchange, caller));
        case "GET", "HEAD" ->
            as(exchange, Scope.READ, caller -> work(exchange, () -> jobs.list(caller)));
        default -> exchange.refuseMethod("GET, HEAD, POST");
      }
    } else if (id.isEmpty() || id.indexOf('/') >= 0) {
      exchange.refusePath();
    } else if (results) {
      ApiServer.get(
          exchange, () -> as(exchange, Scope.READ, caller -> results(exchange, caller, id)));
    } else {
      switch (exchange.method()) {
        case "GET", "HEAD" ->
            as(exchange, Scope.READ, caller -> here(exchange, id, () -> jobs.show(caller, id)));
        case "DELETE" ->
            as(exchange, Scope.RATE, caller -> here(exchange, id, () -> jobs.cancel(caller, id)));
        default -> exchange.refuseMethod("DELETE, GET, HEAD");
      }
    }
  }

  private void as(Exchange exchange, Scope needed, Consumer<Bulk.Caller> then) {
    switch (bulk.recognise(
        ApiServer.authorization(exchange), exchange.header(ApiServer.TENANT), needed)) {
      case Bulk.Refused refused -> exchange.answer(refused.answer());
      case Bulk.Known known -> then.accept(known.caller());
    }
  }

  /** Refuses the id of a job that another region has; false where this one may have it. */
  private boolean isElsewhere(Exchange exchange, String id) {
    int dot = id.lastIndexOf('.');
    if (dot <= 0 || id.substring(0, dot).equals(region)) {
      return false;
    }
    exchange.refuse(
        Problem.of(
            ProblemType.MISDIRECTED,
            "the job is another region's than "
                + region
                + " (ask the router, or the region that its id begins with)"));
    return true;
  }

  private void here(Exchange exchange, String id, Callable<byte[]> answer) {
    if (!isElsewhere(exchange, id)) {
      work(exchange, answer);
    }
  }

  private void work(Exchange exchange, Callable<byte[]> answer) {
    workers
        .executeBlocking(answer, false)
        .onSuccess(document -> exchange.answer(200, ApiServer.JSON, document))
        .onFailure(failure -> refuse(exchange, failure));
  }

  static void refuse(Exchange exchange, Throwable failure) {
    if (failure instanceof JobService.Refusal refusal) {
      exchange.refuse(refusal.problem());
    } else {
      LOG.log(Level.ERROR, () -> "request " + exchange.requestId() + " failed", failure);
      exchange.refuse(Problem.of(ProblemType.INTERNAL, "the job could not be looked after"));
    }
  }

  private void submit(Exchange exchange, Bulk.Caller caller) {
    ItemSplitter.Format format = BatchServer.format(exchange);
    if (format != null) {
      JobService.Order order =
          new JobService.Order(caller, format, exchange.declaredLength(), exchange.header(WEBHOOK));
      new JobUpload(jobs, order, exchange, workers, clock, stallMillis).begin();
    }
  }

  private void results(Exchange exchange, Bulk.Caller caller, String id) {
    if (isElsewhere(exchange, id)) {
      return;
    }
    long from = from(exchange.query());
    if (from < 0) {
      exchange.refuse(
          Problem.of(
              ProblemType.BAD_REQUEST, "the query (expected: none, or from= and a row's index)"));
      return;
    }
    JobDownload download = new JobDownload(exchange, workers, clock, stallMillis);
    workers
        .executeBlocking(() -> jobs.results(caller, id, from), false)
        .onSuccess(download::begin)
        .onFailure(failure -> refuse(exchange, failure));
  }

  /** The row that a query asks for; -1 where it says anything else. */
  private static long from(@Nullable String query) {
    if (query == null || query.isEmpty()) {
      return 0;
    }
    String number = query.startsWith(FROM) ? query.substring(FROM.length()) : "";
    return number.matches("[0-9]{1," + FROM_DIGITS_MAX + "}") ? Long.parseLong(number) : -1;
  }
}
