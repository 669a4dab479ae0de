package io.openclaw.router;

import io.openclaw.domain.Problem;
import io.openclaw.domain.ProblemType;
import io.openclaw.steer.RegionState;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One client's request on its way: body gathered, tried in one region after another, answered.
 *
 * <p>Each try's failure is followed by a retry while there are tries, time and retry budget left;
 * once the head of an answer went to the client there is none. Event loop only.
 */
final class Exchange {
  /** Tries of one request, the first among them. */
  static final int TRIES_MAX = 4;

  private static final long MILLI = 1_000_000L;

  /** Before the same regions are tried again. */
  private static final int PAUSE_MILLIS_MIN = 10;

  private static final int PAUSE_MILLIS_SPREAD = 20;

  private final FrontDoor door;
  private final Fleet fleet;
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final ClientStream client;
  private final String attemptId;
  private final String requestId;
  private final String uri;
  private final MultiMap headers = HttpHeaders.headers();
  private final long startNanos;
  private final long deadlineNanos;
  private final Diversion diversion;
  private final StringBuilder failures = new StringBuilder();
  private @Nullable Gathered gathered;
  private @Nullable Buffer body;
  private @Nullable Attempt attempt;

  /** The first try, where a second one has begun beside it. */
  private @Nullable Attempt beside;

  private @Nullable HeldAnswer kept;

  /** What is too long to be held, or of unknown length; then there is no other try. */
  private @Nullable AnswerStream stream;

  private long pause = -1;
  private long tried;
  private int tries;
  private boolean over;

  Exchange(FrontDoor door, HttpServerRequest request, ClientStream client) {
    this.door = door;
    this.fleet = door.fleet;
    this.request = request;
    this.response = request.response();
    this.client = client;
    this.startNanos = fleet.clock.nanoTime();
    this.deadlineNanos = startNanos + fleet.settings.timeouts().deadline() * MILLI;
    this.attemptId = door.newId();
    String given = Headers.requestId(request.headers());
    this.requestId = given == null ? attemptId : given;
    this.uri = originForm(request.uri());
    this.diversion = new Diversion(fleet, this);
  }

  HttpMethod method() {
    return request.method();
  }

  String uri() {
    return uri;
  }

  MultiMap headers() {
    return headers;
  }

  @Nullable Buffer body() {
    return body;
  }

  /** Unique to this request, never taken from the client; the same for each of its tries. */
  String attemptId() {
    return attemptId;
  }

  long remainingMillis(long nowNanos) {
    return (deadlineNanos - nowNanos) / MILLI;
  }

  /** Begins; whatever goes wrong, the client gets an answer. */
  void start() {
    try {
      begin();
    } catch (RuntimeException e) {
      fail(e);
    }
  }

  /** The first try, or another one. */
  private void go() {
    try {
      next();
    } catch (RuntimeException e) {
      fail(e);
    }
  }

  /** The request cannot be passed on, to this region or another one. */
  void fail(RuntimeException failure) {
    if (!over) {
      abandonAttempt();
      refuse(Problems.of(failure, requestId));
    }
  }

  private void begin() {
    fleet.budget.request(startNanos);
    fleet.diversions.request(startNanos);
    response.closeHandler(closed -> clientGone());
    response.exceptionHandler(broken -> {});
    request.exceptionHandler(broken -> {});
    Headers.copyRequest(request.headers(), headers);
    client.copyHost(headers);
    headers.set(Headers.REQUEST_ID, requestId);
    diversion.begin(startNanos);
    String address = request.remoteAddress().hostAddress();
    headers.set(Headers.FORWARDED_FOR, Headers.forwardedFor(request.headers(), address));
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    boolean chunked = request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
    if (!client.mayHaveBody()) {
      next();
    } else if (!chunked && declaredBytes(length) > fleet.settings.bounds().bodyBytes()) {
      refuseBody(length + " bytes");
    } else {
      gather();
    }
  }

  private void gather() {
    if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
      var _ = response.writeContinue();
    }
    client.watch(deadlineNanos, this::bodyLate);
    gathered = new Gathered();
    request.handler(this::add);
    request.endHandler(ended -> whole());
  }

  private void add(Buffer part) {
    if (over || gathered == null) {
      return;
    }
    if (gathered.length() + part.length() > fleet.settings.bounds().bodyBytes()) {
      refuseBody("more");
    } else if (fleet.hold(part.length())) {
      gathered.add(part);
    } else {
      refuse(
          Problem.of(
                  ProblemType.UNAVAILABLE, "the router holds as many bytes of requests as it may")
              .withRetryAfter(1));
    }
  }

  private void whole() {
    if (!over && gathered != null) {
      client.unwatch();
      boolean none = gathered.length() == 0 && client.isMultiplexed();
      body = none ? null : gathered.whole();
      go();
    }
  }

  /** No region will get the body any more. */
  private void letGo() {
    if (gathered != null) {
      fleet.release(gathered.length());
      gathered = null;
      body = null;
    }
  }

  private void next() {
    long now = fleet.clock.nanoTime();
    int region = choose(now);
    if (tried == fleet.view.all()) {
      tried = 0;
    }
    tried |= 1L << region;
    tries++;
    Attempt trying = new Attempt(this, door, region, tries, now);
    attempt = trying;
    trying.start();
  }

  /** The region of the next try; when all were tried, any but the last one, if there is another. */
  private int choose(long nowNanos) {
    long avoided = tried;
    if (tried == fleet.view.all() && attempt != null) {
      avoided = 1L << attempt.region();
    }
    int preferred = Preference.of(fleet, request, diversion.preferred(), avoided);
    return fleet.settings.steering().choose(fleet.view, preferred, avoided, nowNanos, door.random);
  }

  /**
   * Begins a second try beside a first one that takes unusually long, in another region that is up;
   * whichever answers first is answered with.
   */
  void hedge(int region) {
    long now = fleet.clock.nanoTime();
    Attempt first = attempt;
    if (over || first == null || first.region() != region || !first.isUnderWay()) {
      return;
    }
    boolean better =
        fleet.view.size() > 1 && fleet.view.health(choose(now)).state() == RegionState.UP;
    if (better && mayRetry()) {
      fleet.retried(RetryReason.HEDGE);
      beside = first;
      next();
    }
  }

  /**
   * Whether leaving a try that still may be answered is worth it: there must be another region, and
   * one that is down is no better than a slow one that is not.
   */
  boolean mayMoveOn(int region, long nowNanos) {
    return fleet.view.size() > 1
        && (fleet.view.health(choose(nowNanos)).state() != RegionState.DOWN
            || fleet.view.health(region).state() == RegionState.DOWN);
  }

  /**
   * Tries a refused request in another region where the refusal asks for that and it may be done;
   * false where nothing was done.
   */
  boolean divert(Attempt by, HeldAnswer refusal) {
    if (isBesideAnother(by)) {
      return false;
    }
    long now = fleet.clock.nanoTime();
    boolean more = !over && tries < TRIES_MAX && remainingMillis(now) > 0;
    DivertReason reason = diversion.after(refusal, tried, more, now);
    if (reason == null) {
      return false;
    }
    fleet.metrics.diverted(reason);
    keep(refusal);
    go();
    return true;
  }

  /** Whether another try is allowed; if so, the retry budget has paid for it. */
  private boolean mayRetry() {
    long now = fleet.clock.nanoTime();
    return !over && tries < TRIES_MAX && remainingMillis(now) > 0 && fleet.budget.tryRetry(now);
  }

  /** Whether the exchange goes on without this try: another is under way, or may begin. */
  boolean mayLeave(Attempt which) {
    return other(which) != null || mayRetry();
  }

  /** Whether another try is under way, which may be answered better. */
  boolean isBesideAnother(Attempt which) {
    return other(which) != null;
  }

  /** The other try that is under way; null where there is none. */
  private @Nullable Attempt other(Attempt which) {
    Attempt one = which == attempt ? beside : attempt;
    return one != null && one != which && one.isUnderWay() ? one : null;
  }

  /** Goes on without a try; {@link #mayLeave} has said yes. */
  void left(Attempt which, RetryReason reason) {
    note(which, reason);
    Attempt rest = other(which);
    if (rest != null) {
      attempt = rest;
      beside = null;
      return;
    }
    fleet.retried(reason);
    if (tried == fleet.view.all()) {
      pause = door.setTimer(PAUSE_MILLIS_MIN + door.random.nextInt(PAUSE_MILLIS_SPREAD), this::go);
    } else {
      go();
    }
  }

  /** The deadline of the whole is over. */
  void late(Attempt which) {
    Attempt rest = other(which);
    if (rest != null) {
      rest.abandon();
    }
    giveUp(which, RetryReason.TIMEOUT);
  }

  /** Keeps a refusal, for the case that nothing better comes. */
  void keep(HeldAnswer refusal) {
    kept = refusal;
  }

  void giveUp(Attempt which, RetryReason reason) {
    note(which, reason);
    HeldAnswer refusal = kept;
    if (refusal != null) {
      answer(which, refusal);
      return;
    }
    boolean late = reason == RetryReason.TIMEOUT;
    Problem problem =
        Problem.of(
                late ? ProblemType.DEADLINE_EXCEEDED : ProblemType.UNAVAILABLE,
                "no region answered: " + failures)
            .withRetryAfter(1);
    settle(RouterMetrics.NO_REGION, problem.type().status());
    mark();
    finish(Problems.answer(response, problem, requestId));
  }

  void answer(Attempt by, HeldAnswer answer) {
    only(by);
    settle(fleet.view.name(answer.region()), answer.status());
    response.setStatusCode(answer.status());
    Headers.copyResponse(answer.headers(), response.headers());
    mark();
    finish(response.end(answer.body()));
  }

  /** Sends the head of an answer that is too long to be held; no retry from here on. */
  void beginStream(Attempt by, HttpClientResponse answer) {
    only(by);
    letGo();
    AnswerStream begun = new AnswerStream(fleet, request, client, this::stalled);
    stream = begun;
    begun.begin(answer, requestId);
    mark();
  }

  /** This try answers: the other one is not waited for any more. */
  private void only(Attempt by) {
    Attempt rest = other(by);
    if (rest != null) {
      rest.abandon();
    }
    attempt = by;
    beside = null;
  }

  void write(Buffer chunk, HttpClientResponse answer) {
    if (!over && stream != null) {
      stream.write(chunk, answer);
    }
  }

  void endStream() {
    if (!over && stream != null) {
      settle(lastRegion(), response.getStatusCode());
      stream.end();
    }
  }

  /** The region went away in the middle: the client must see that the answer is not whole. */
  void breakStream() {
    if (!over) {
      settle(lastRegion(), response.getStatusCode());
      client.close();
    }
  }

  private void stalled() {
    if (over || stream == null) {
      return;
    }
    boolean clientIsSlow = stream.isWaitingForClient();
    if (!clientIsSlow && attempt != null) {
      attempt.stalled();
    }
    abandonAttempt();
    settle(lastRegion(), clientIsSlow ? RouterMetrics.CLIENT_GONE : RouterMetrics.STALLED);
    client.close();
  }

  private void bodyLate() {
    if (!over) {
      long millis = fleet.settings.timeouts().deadline();
      refuse(
          Problem.of(
              ProblemType.REQUEST_TIMEOUT, "the body did not arrive within " + millis + " ms"));
    }
  }

  private void refuseBody(String size) {
    int most = fleet.settings.bounds().bodyBytes();
    refuse(
        Problem.of(ProblemType.BODY_TOO_LARGE, "body: " + size + " (expected: <= " + most + ")"));
  }

  private void refuse(Problem problem) {
    settle(RouterMetrics.NO_REGION, problem.type().status());
    door.refuse(request, client, problem, requestId);
  }

  private void clientGone() {
    if (!over) {
      abandonAttempt();
      settle(lastRegion(), RouterMetrics.CLIENT_GONE);
    }
  }

  private void abandonAttempt() {
    door.cancelTimer(pause);
    for (Attempt each : new Attempt[] {attempt, beside}) {
      if (each != null) {
        each.abandon();
      }
    }
  }

  private void settle(String region, int status) {
    over = true;
    letGo();
    fleet.concurrent.decrementAndGet();
    fleet.metrics.request(region, status, fleet.clock.nanoTime() - startNanos);
  }

  /** A router that is closing asks its clients to come back on another connection. */
  private void finish(Future<Void> sent) {
    if (fleet.closing) {
      client.closeAfter(sent);
    }
  }

  private void mark() {
    if (!response.headers().contains(Headers.REQUEST_ID)) {
      response.putHeader(Headers.REQUEST_ID, requestId);
    }
    if (tries > 1) {
      response.putHeader(Headers.TRIES, Integer.toString(tries));
    }
    if (request.headers().contains(Headers.EXPLAIN)) {
      response.putHeader(Headers.STEERED, steered());
    }
    if (fleet.closing) {
      client.announceClose();
    }
  }

  private void note(Attempt which, RetryReason reason) {
    failures
        .append(failures.isEmpty() ? "" : ", ")
        .append(fleet.view.name(which.region()))
        .append(' ')
        .append(reason.name().toLowerCase(Locale.ROOT));
  }

  /** Where the request went, and where it failed before: {@code a; policy=…; failed="b reset"}. */
  private String steered() {
    return lastRegion()
        + "; policy="
        + fleet.settings.steering().kind()
        + "; tries="
        + tries
        + (failures.isEmpty() ? "" : "; failed=\"" + failures + "\"");
  }

  private String lastRegion() {
    return attempt == null ? RouterMetrics.NO_REGION : fleet.view.name(attempt.region());
  }

  private static long declaredBytes(@Nullable String length) {
    // Netty has refused what is no number; more digits than fit in a long are too many bytes.
    return length == null ? 0 : length.length() > 18 ? Long.MAX_VALUE : Long.parseLong(length);
  }

  /** The path and query of a target in absolute form, which servers must accept too. */
  static String originForm(String target) {
    int scheme = target.startsWith("/") ? -1 : target.indexOf("://");
    if (scheme < 0) {
      return target;
    }
    int path = target.indexOf('/', scheme + 3);
    return path < 0 ? "/" : target.substring(path);
  }
}
