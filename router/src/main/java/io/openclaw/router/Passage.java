package io.openclaw.router;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.openclaw.domain.Problem;
import io.openclaw.domain.ProblemType;
import io.openclaw.steer.Elsewhere;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.RequestOptions;
import org.jspecify.annotations.Nullable;

/**
 * A request that is passed on as it comes, and its answer likewise: batches and jobs.
 *
 * <p>Nothing of a body is kept but what is between two sockets, so once a byte of it is on its way
 * to a region there is no other try. A region that cannot be connected to costs none; a job's own
 * region, which its id names, is the only one to ask. Event loop only.
 */
final class Passage {
  private static final String BATCH = "/v1/rate/batch";
  private static final String JOBS = "/v1/jobs";
  private static final String REGION = "region=";
  private static final long MILLI = 1_000_000L;

  private final FrontDoor door;
  private final Fleet fleet;
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final ClientStream client;
  private final AnswerStream stream;
  private final String requestId;
  private final long startNanos;
  private final long connectBy;
  private long tried;
  private int region = -1;
  private boolean under; // a request of this one is under way in the region
  private boolean sending; // the region is to get more of the body
  private boolean begun; // a byte of the answer is on its way
  private boolean unjudged; // a refusal of which no part has come yet
  private boolean over;
  private @Nullable HttpClientRequest upstream;

  Passage(FrontDoor door, HttpServerRequest request, ClientStream client) {
    this.door = door;
    this.fleet = door.fleet;
    this.request = request;
    this.response = request.response();
    this.client = client;
    this.stream = new AnswerStream(door.fleet, request, client, this::stalled);
    this.startNanos = fleet.clock.nanoTime();
    this.connectBy = startNanos + fleet.settings.timeouts().deadline() * MILLI;
    String given = Headers.requestId(request.headers());
    this.requestId = given == null ? door.newId() : given;
  }

  /** Whether a path is passed on so. */
  static boolean serves(@Nullable String path) {
    return path != null && (path.equals(BATCH) || path.equals(JOBS) || path.startsWith(JOBS + "/"));
  }

  /** Begins; whatever goes wrong, the client gets an answer. */
  void start() {
    try {
      begin();
    } catch (RuntimeException e) {
      fail(e);
    }
  }

  private void begin() {
    request.pause();
    request.exceptionHandler(broken -> {});
    response.closeHandler(closed -> clientGone());
    response.exceptionHandler(broken -> {});
    String named = named(request.path(), request.query());
    if (named != null) {
      int pinned = fleet.view.indexOf(named);
      if (pinned < 0) {
        refuse(Problem.of(ProblemType.NOT_FOUND, "no region of that name"));
        return;
      }
      tried = ~(1L << pinned);
      connect(pinned);
    } else {
      next();
    }
  }

  /** The region that a job's id or the query names; null where neither does. */
  static @Nullable String named(@Nullable String path, @Nullable String query) {
    if (path != null && path.startsWith(JOBS + "/")) {
      String id = path.substring(JOBS.length() + 1).split("/", 2)[0];
      int dot = id.lastIndexOf('.');
      return dot <= 0 ? null : id.substring(0, dot);
    }
    return query != null && query.startsWith(REGION) && JOBS.equals(path)
        ? query.substring(REGION.length())
        : null;
  }

  private void next() {
    long now = fleet.clock.nanoTime();
    int preferred = Preference.of(fleet, request, Elsewhere.UNKNOWN, tried);
    connect(fleet.settings.steering().choose(fleet.view, preferred, tried, now, door.random));
  }

  private void connect(int to) {
    region = to;
    tried |= 1L << to;
    under = true;
    fleet.view.begin(to);
    client.watch(connectBy, this::stalled);
    door.region(to)
        .request(
            new RequestOptions()
                .setMethod(request.method())
                .setURI(Exchange.originForm(request.uri())))
        .onComplete(this::connected);
  }

  private void connected(@Nullable HttpClientRequest open, @Nullable Throwable failure) {
    if (over) {
      if (open != null) {
        open.exceptionHandler(reset -> {});
        open.reset();
      }
    } else if (open == null) {
      unconnected(failure);
    } else {
      upstream = open;
      try {
        send(open);
      } catch (RuntimeException e) {
        fail(e);
        // What stands half written on the connection would spoil the next request.
        var _ = open.connection().close();
      }
    }
  }

  private void unconnected(@Nullable Throwable failure) {
    if (!RegionClient.isOurs(failure)) {
      blame();
    }
    leave();
    if ((tried & fleet.view.all()) == fleet.view.all()) {
      refuse(
          Problem.of(ProblemType.UNAVAILABLE, "no region could be connected to").withRetryAfter(1));
    } else {
      try {
        next();
      } catch (RuntimeException e) {
        fail(e);
      }
    }
  }

  /** The request cannot be passed on, to this region or another one. */
  private void fail(RuntimeException failure) {
    if (!over) {
      refuse(Problems.of(failure, requestId));
    }
  }

  private void send(HttpClientRequest open) {
    open.exceptionHandler(gone -> broken());
    Headers.copyRequest(request.headers(), open.headers());
    client.copyHost(open.headers());
    open.putHeader(Headers.REQUEST_ID, requestId);
    open.putHeader(
        Headers.FORWARDED_FOR,
        Headers.forwardedFor(request.headers(), request.remoteAddress().hostAddress()));
    open.response().onFailure(gone -> broken()).onSuccess(this::answer);
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    if (!client.mayHaveBody() || HttpMethod.GET.equals(request.method())) {
      var _ = open.end();
      request.resume();
      stream.progress();
      return;
    }
    if (length == null) {
      open.setChunked(true);
    } else {
      open.putHeader(HttpHeaders.CONTENT_LENGTH, length);
    }
    var _ = open.sendHead(); // so that a head that cannot be written fails here
    if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
      var _ = response.writeContinue();
    }
    sending = true;
    request.handler(part -> forward(part, open));
    request.endHandler(
        end -> {
          if (!over) {
            sending = false;
            stream.progress();
            var _ = open.end();
          }
        });
    stream.progress();
    request.resume();
  }

  private void forward(Buffer part, HttpClientRequest to) {
    if (over) {
      return;
    }
    stream.progress();
    var _ = to.write(part);
    if (to.writeQueueFull()) {
      request.pause();
      to.drainHandler(
          drained -> {
            stream.progress();
            request.resume();
          });
    }
  }

  private void answer(HttpClientResponse answer) {
    if (over) {
      return;
    }
    begun = true;
    long now = fleet.clock.nanoTime();
    if (Attempt.refuses(answer.statusCode())) {
      unjudged = true;
    } else {
      fleet.observed(region, fleet.view.requestAnswered(region, now));
    }
    stream.begin(answer, requestId);
    answer.exceptionHandler(gone -> broken());
    answer.handler(
        part -> {
          if (!over) {
            judge(part);
            stream.write(part, answer);
          }
        });
    answer.endHandler(end -> finish());
  }

  /**
   * A refusal is held against its region, unless it says that it is overloaded: in its problem, for
   * it gives no hint of where else to try what is tried once.
   */
  private void judge(Buffer part) {
    if (unjudged) {
      unjudged = false;
      long now = fleet.clock.nanoTime();
      long took = now - startNanos;
      boolean overload = part.toString(UTF_8).contains(ProblemType.OVERLOADED.uri());
      fleet.observed(
          region,
          overload
              ? fleet.view.requestShed(region, took, now)
              : fleet.view.requestRefused(region, took, now));
    }
  }

  private void finish() {
    if (over) {
      return;
    }
    judge(Buffer.buffer());
    boolean unread = !request.isEnded();
    settle(response.getStatusCode());
    stream.end();
    if (unread) { // the region did not want the rest
      reset();
    }
  }

  /** The region went away: there is no other try of what was sent in part. */
  private void broken() {
    if (over) {
      return;
    }
    blame();
    if (begun) {
      settle(response.getStatusCode());
      client.close(); // it must see that the answer is not whole
    } else {
      refuse(
          Problem.of(
                  ProblemType.UNAVAILABLE,
                  "region " + fleet.view.name(region) + " went away before it answered")
              .withRetryAfter(1));
    }
  }

  private void blame() {
    fleet.observed(region, fleet.view.requestFailed(region, fleet.clock.nanoTime()));
  }

  private void stalled() {
    if (over) {
      return;
    }
    if (!begun) {
      long millis = fleet.settings.timeouts().stall();
      refuse(
          Problem.of(
              ProblemType.DEADLINE_EXCEEDED, "nothing moved either way for " + millis + " ms"));
    } else if (isWaitingForClient()) {
      settle(RouterMetrics.CLIENT_GONE);
      client.close();
    } else {
      blame();
      settle(RouterMetrics.STALLED);
      client.close();
    }
    reset();
  }

  /** Whether the client takes no more of the answer, or sends no more of the request. */
  private boolean isWaitingForClient() {
    return stream.isWaitingForClient() || sending && upstream != null && !upstream.writeQueueFull();
  }

  private void clientGone() {
    if (!over) {
      settle(RouterMetrics.CLIENT_GONE);
      reset();
    }
  }

  private void reset() {
    if (upstream != null) {
      upstream.reset();
    }
  }

  private void refuse(Problem problem) {
    settle(problem.type().status());
    door.refuse(request, client, problem, requestId);
  }

  private void settle(int status) {
    leave();
    over = true;
    fleet.concurrent.decrementAndGet();
    fleet.metrics.request(
        region < 0 ? RouterMetrics.NO_REGION : fleet.view.name(region),
        status,
        fleet.clock.nanoTime() - startNanos);
    client.unwatch();
  }

  private void leave() {
    if (under) {
      under = false;
      fleet.view.end(region);
    }
  }
}
