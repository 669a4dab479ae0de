package io.openclaw.net;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.openclaw.domain.KeyText;
import io.openclaw.domain.Problem;
import io.openclaw.domain.ProblemJson;
import io.openclaw.domain.ProblemType;
import io.openclaw.edge.Answered;
import io.openclaw.edge.RateLimit;
import io.openclaw.edge.RequestWatch;
import io.openclaw.edge.Reuse;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One request and its one answer, on its event loop: reads the body within its limits, and writes
 * an answer or a problem exactly once. What it has written is counted here and nowhere else.
 */
final class Exchange implements RequestWatch {
  private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
  private static final CharSequence PROBLEM =
      HttpHeaders.createOptimized("application/problem+json");
  private static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("x-request-id");
  private static final CharSequence TRACEPARENT = HttpHeaders.createOptimized("traceparent");
  private static final CharSequence RATE_LIMIT = HttpHeaders.createOptimized("ratelimit");
  private static final CharSequence RATE_LIMIT_POLICY =
      HttpHeaders.createOptimized("ratelimit-policy");
  private static final CharSequence SERVER_TIMING = HttpHeaders.createOptimized("server-timing");
  private static final CharSequence BEARER = HttpHeaders.createOptimized("Bearer");
  private static final String OCTETS = "application/octet-stream";
  private static final int REQUEST_ID_LENGTH_MAX = 64;
  private static final int NOT_MODIFIED = 304;
  private static final byte[] NOTHING = {};
  private static final long NANOS_PER_MILLI = 1_000_000;

  /** How long, and how far, the rest of a body is read that nobody wants. */
  private static final long LINGER_MILLIS = 1_000;

  private static final long LINGER_BYTES_MAX = 8L << 20;

  private final LoopGuard guard;
  private final HttpServerRequest request;
  private final long arrivedNanos;
  private final String requestId;
  private @Nullable Buffer body;
  private @Nullable Consumer<byte[]> bodyReader;
  private int bodyBytesMax;
  private boolean bodyIsOurs;
  private boolean bodyRead;
  private long dropped;
  private boolean over;
  private @Nullable Streaming streaming;

  // For metrics alone; a rating that goes on on another thread may say what is known already.
  private String tenant = "";
  private String model = "";
  private String variant = "";

  /** Told of each answer that the edge decided, and each problem, when it is on its way. */
  @FunctionalInterface
  interface Counter {
    /** Counts one; never blocks. */
    void sent(Exchange exchange, Answered answered);
  }

  /** What reads a request's body and writes its answer bit by bit, and looks after both in time. */
  interface Streaming {
    /** Called ten times a second while the request is under way. */
    void tick(long nowNanos);

    /** The client is gone, or the answer has ended. */
    void gone();
  }

  Exchange(LoopGuard guard, HttpServerRequest request, long arrivedNanos) {
    this.guard = guard;
    this.request = request;
    this.arrivedNanos = arrivedNanos;
    this.bodyBytesMax = guard.settings().bodyBytesMax();
    String given = request.headers().get(REQUEST_ID);
    this.requestId =
        given != null && isRequestId(given)
            ? given
            : HexFormat.of().toHexDigits(guard.random().nextLong());
    request.exceptionHandler(failure -> abandon());
    request.response().exceptionHandler(failure -> abandon());
  }

  private static boolean isRequestId(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!(c >= '0' && c <= '9'
          || c >= 'a' && c <= 'z'
          || c >= 'A' && c <= 'Z'
          || c == '-'
          || c == '_'
          || c == '.')) {
        return false;
      }
    }
    // An id goes into answers and logs: a key in the wrong header must not.
    return !text.isEmpty()
        && text.length() <= REQUEST_ID_LENGTH_MAX
        && !text.contains(KeyText.PREFIX);
  }

  @Override
  public void known(String tenant, String model, String variant) {
    this.tenant = tenant;
    this.model = model;
    this.variant = variant;
  }

  String requestId() {
    return requestId;
  }

  String method() {
    return request.method().name();
  }

  String path() {
    String path = request.path();
    return path == null ? "" : path;
  }

  @Nullable String query() {
    return request.query();
  }

  @Nullable String header(CharSequence name) {
    return request.headers().get(name);
  }

  /** All values of a header that is a list, as one; null where it is not there. */
  @Nullable String headers(CharSequence name) {
    java.util.List<String> all = request.headers().getAll(name);
    return all.isEmpty() ? null : String.join(", ", all);
  }

  long arrivedNanos() {
    return arrivedNanos;
  }

  /** Reads a JSON body and hands it over unpacked; refuses any other, and any that is too large. */
  void jsonBody(Consumer<byte[]> reader) {
    String type = header(HttpHeaders.CONTENT_TYPE);
    if (type == null || !isJson(type) || isTwice(HttpHeaders.CONTENT_TYPE)) {
      refuse(
          Problem.of(
              ProblemType.UNSUPPORTED_MEDIA_TYPE,
              "Content-Type: "
                  + (type == null ? "none" : "another")
                  + " (expected: application/json)"));
      return;
    }
    String encoding = header(HttpHeaders.CONTENT_ENCODING);
    boolean packed = "gzip".equalsIgnoreCase(encoding);
    if (encoding != null
        && (!packed && !"identity".equalsIgnoreCase(encoding)
            || isTwice(HttpHeaders.CONTENT_ENCODING))) {
      refuse(
          Problem.of(
              ProblemType.UNSUPPORTED_MEDIA_TYPE,
              "Content-Encoding: another (expected: gzip, identity, or none)"));
      return;
    }
    readBody(packed ? bytes -> unpack(bytes, reader) : reader);
  }

  /**
   * Reads a body of any bytes, as they are.
   *
   * @param bytesMax its cap, in place of the server's
   */
  void octets(int bytesMax, Consumer<byte[]> reader) {
    String type = header(HttpHeaders.CONTENT_TYPE);
    if (type == null || !type.equals(OCTETS) || header(HttpHeaders.CONTENT_ENCODING) != null) {
      refuse(
          Problem.of(
              ProblemType.UNSUPPORTED_MEDIA_TYPE,
              "Content-Type: "
                  + (type == null ? "none" : "another")
                  + " (expected: "
                  + OCTETS
                  + ", without Content-Encoding)"));
      return;
    }
    bodyBytesMax = bytesMax;
    readBody(reader);
  }

  private void readBody(Consumer<byte[]> reader) {
    if (declaredLength() > bodyBytesMax) {
      refuseTooLarge();
      return;
    }
    bodyReader = reader;
    request.handler(this::bodyPart).endHandler(end -> bodyEnd());
    invite();
  }

  /** The body is wanted: says so to a client that waits for that before it sends any. */
  void invite() {
    if (request.headers().contains(HttpHeaders.EXPECT, HttpHeaders.CONTINUE, true)
        && request.version() == HttpVersion.HTTP_1_1) {
      var _ = request.response().writeContinue();
    }
  }

  boolean isTwice(CharSequence name) {
    return request.headers().getAll(name).size() > 1;
  }

  private static boolean isJson(String type) {
    if (type.equals("application/json")) {
      return true;
    }
    int semicolon = type.indexOf(';');
    String essence =
        (semicolon < 0 ? type : type.substring(0, semicolon)).trim().toLowerCase(Locale.ROOT);
    String parameters =
        semicolon < 0 ? "" : type.substring(semicolon + 1).trim().toLowerCase(Locale.ROOT);
    return essence.equals("application/json")
        && (parameters.isEmpty() || parameters.matches("charset=\"?utf-8\"?"));
  }

  long declaredLength() {
    String length = header(HttpHeaders.CONTENT_LENGTH);
    try {
      return length == null ? 0 : Long.parseLong(length);
    } catch (NumberFormatException e) {
      return Long.MAX_VALUE; // Netty has refused anything but digits, so there are too many of them
    }
  }

  private void bodyPart(Buffer part) {
    if (over) {
      return;
    }
    if (body == null) {
      body = part; // most bodies come in one part, and are not copied
    } else {
      if (!bodyIsOurs) {
        body = Buffer.buffer(Math.max(body.length() * 4, 4096)).appendBuffer(body);
        bodyIsOurs = true;
      }
      body.appendBuffer(part);
    }
    if (body.length() > bodyBytesMax) {
      refuseTooLarge();
    }
  }

  private void bodyEnd() {
    if (over || bodyReader == null) {
      return;
    }
    bodyRead = true;
    bodyReader.accept(body == null ? new byte[0] : body.getBytes());
  }

  private void unpack(byte[] packed, Consumer<byte[]> reader) {
    byte @Nullable [] unpacked;
    try {
      unpacked = Gzip.unpack(packed, bodyBytesMax);
    } catch (IOException e) {
      refuse(
          Problem.of(
              ProblemType.BAD_REQUEST, "the body is not gzip, as its Content-Encoding says"));
      return;
    }
    if (unpacked == null) {
      refuseTooLarge();
    } else {
      reader.accept(unpacked);
    }
  }

  private void refuseTooLarge() {
    refuse(Problem.of(ProblemType.BODY_TOO_LARGE, "the body is over " + bodyBytesMax + " bytes"));
  }

  /**
   * Hands the request over, paused; from here on the deadlines of a whole request do not hold.
   * Until {@link #beginStream} it may still be refused.
   */
  HttpServerRequest stream(Streaming by) {
    streaming = by;
    request.pause();
    return request;
  }

  /** Sends the head of an answer whose body follows in parts; null where the client is gone. */
  @Nullable HttpServerResponse beginStream(int status, CharSequence contentType) {
    if (over) {
      return null;
    }
    HttpServerResponse response = request.response().setStatusCode(status).setChunked(true);
    response
        .headers()
        .add(HttpHeaders.CONTENT_TYPE, contentType)
        .add(REQUEST_ID, requestId)
        .add(TRACEPARENT, TraceContext.next(header(TRACEPARENT), guard.random()))
        .add(HttpHeaders.DATE, guard.date());
    if (guard.isLeaving()) {
      response.headers().add(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    return response;
  }

  /** Ends an answer that was begun. */
  void endStream() {
    if (over) {
      return;
    }
    over = true;
    HttpServerResponse response = request.response();
    finish(
        response.headers().contains(HttpHeaders.CONNECTION, HttpHeaders.CLOSE, true),
        response::end);
  }

  /**
   * Sends the end of the answer, and sees to what becomes of the connection.
   *
   * @param last whether the answer says that it is the connection's last
   */
  private void finish(boolean last, Supplier<Future<Void>> end) {
    boolean unread = isBodyUnread();
    guard.ended(this, request, last); // before the end, in which the next request may begin
    Future<Void> sent = end.get();
    if (unread) {
      linger(sent, last);
    } else if (last) {
      closeAfter(sent);
    }
  }

  private void closeAfter(Future<Void> sent) {
    sent.onComplete(done -> request.connection().close());
  }

  /** Whether the client may still be sending a body. */
  private boolean isBodyUnread() {
    return !bodyRead && declaresBody() && !request.isEnded() && !isMalformed();
  }

  /** Nothing that follows can be read either. */
  private boolean isMalformed() {
    return request.decoderResult().isFailure();
  }

  /**
   * Reads on for a moment what a client still sends: closing at once would reset the connection,
   * and might cost the client the answer. Who sends more than so much waits for the end of it.
   */
  private void linger(Future<Void> sent, boolean last) {
    request
        .handler(this::drop)
        .endHandler(
            end -> {
              if (last) {
                closeAfter(sent);
              }
            });
    request.resume();
    guard.setTimer(
        LINGER_MILLIS,
        () -> {
          if (!request.isEnded()) {
            request.connection().close();
          }
        });
  }

  private void drop(Buffer rest) {
    dropped += rest.length();
    if (dropped > LINGER_BYTES_MAX) {
      request.pause();
    }
  }

  /** Cuts the connection: the client must see that the answer is not whole. */
  void cut() {
    abandon();
    request.connection().close();
  }

  boolean isOver() {
    return over;
  }

  LoopGuard guard() {
    return guard;
  }

  /** Called ten times a second while the request is under way. */
  void checkDeadline(long nowNanos) {
    if (streaming != null) {
      streaming.tick(nowNanos);
      return;
    }
    long age = (nowNanos - arrivedNanos) / NANOS_PER_MILLI;
    ApiSettings settings = guard.settings();
    if (!bodyRead && bodyReader != null && age > settings.bodyMillis()) {
      refuse(
          Problem.of(
              ProblemType.REQUEST_TIMEOUT,
              "the body did not arrive within " + settings.bodyMillis() + " ms"));
    } else if (age > settings.deadlineMillis()) {
      refuse(
          Problem.of(
              ProblemType.DEADLINE_EXCEEDED,
              "no rating within " + settings.deadlineMillis() + " ms"));
    }
  }

  /**
   * Runs {@code then} on this exchange's event loop with the stage's value: at once where it is
   * there already.
   */
  <T> void await(CompletionStage<T> stage, Consumer<T> then) {
    var future = stage.toCompletableFuture();
    if (future.isDone()) {
      then.accept(future.join());
    } else {
      var _ = future.thenAccept(value -> guard.context().runOnContext(now -> then.accept(value)));
    }
  }

  /** Adds a header to the answer to come. */
  void tell(CharSequence name, String value) {
    if (!over) {
      request.response().headers().add(name, value);
    }
  }

  /** Answers with what the edge decided. */
  void answer(Answered answered) {
    if (over) {
      return;
    }
    MultiMap headers = request.response().headers();
    RateLimit rateLimit = answered.rateLimit();
    if (rateLimit != null) {
      headers.add(RATE_LIMIT_POLICY, rateLimit.policy()).add(RATE_LIMIT, rateLimit.state());
    }
    Problem problem = answered.problem();
    if (problem != null) {
      refuse(problem, answered);
      return;
    }
    headers.add(SERVER_TIMING, serverTiming(guard.clock().nanoTime() - arrivedNanos));
    Reuse reuse = answered.reuse();
    if (reuse != null) {
      ReuseHeaders.add(headers, reuse, method().equals(ReuseHeaders.QUERY));
    }
    answer(answered.status(), JSON, answered.body(), answered);
  }

  private static String serverTiming(long nanos) {
    long micros = nanos / 1000;
    String fraction = Long.toString(1000 + micros % 1000).substring(1);
    return "rate;dur=" + micros / 1000 + "." + fraction;
  }

  /**
   * Answers with a document, packed where that is worth it and the client takes it; not counted.
   */
  void answer(int status, CharSequence contentType, byte[] document) {
    answer(status, contentType, document, null);
  }

  private void answer(
      int status, CharSequence contentType, byte[] document, @Nullable Answered counted) {
    if (over) {
      return;
    }
    boolean varies = document.length >= Gzip.WORTH_BYTES;
    boolean packed = varies && takesGzip();
    send(status, contentType, packed ? Gzip.pack(document) : document, varies, packed);
    if (counted != null) {
      guard.counter().sent(this, counted);
    }
  }

  /** Whether the client takes packed answers. */
  boolean takesGzip() {
    return Gzip.accepted(header(HttpHeaders.ACCEPT_ENCODING));
  }

  /** Answers with a document as it is kept: packed already where {@link #takesGzip}. */
  void answerKept(int status, CharSequence contentType, byte[] kept) {
    if (!over) {
      send(status, contentType, kept, true, takesGzip());
    }
  }

  private void send(
      int status, CharSequence contentType, byte[] bytes, boolean varies, boolean packed) {
    over = true;
    HttpServerResponse response = request.response().setStatusCode(status);
    MultiMap headers = response.headers();
    if (status != NOT_MODIFIED) {
      headers.add(HttpHeaders.CONTENT_TYPE, contentType);
    }
    headers
        .add(REQUEST_ID, requestId)
        .add(TRACEPARENT, TraceContext.next(header(TRACEPARENT), guard.random()))
        .add(HttpHeaders.DATE, guard.date());
    if (varies) {
      headers.add(HttpHeaders.VARY, "accept-encoding");
    }
    if (packed) {
      headers.add(HttpHeaders.CONTENT_ENCODING, "gzip");
    }
    boolean last = isBodyUnread() || guard.isLeaving() || isMalformed();
    if (last) {
      headers.add(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    finish(last, () -> response.end(Buffer.buffer(bytes)));
  }

  private boolean declaresBody() {
    return request.headers().contains(HttpHeaders.TRANSFER_ENCODING)
        || request.headers().contains(HttpHeaders.CONTENT_LENGTH) && declaredLength() > 0;
  }

  /** Answers with a problem. */
  void refuse(Problem problem) {
    refuse(problem, new Answered(NOTHING, problem, tenant, model, variant, null, null));
  }

  private void refuse(Problem problem, Answered counted) {
    if (over) {
      return;
    }
    MultiMap headers = request.response().headers();
    if (problem.retryAfterSeconds() > 0) {
      headers.add(HttpHeaders.RETRY_AFTER, Long.toString(problem.retryAfterSeconds()));
    }
    if (problem.type() == ProblemType.UNAUTHENTICATED) {
      headers.add(HttpHeaderNames.WWW_AUTHENTICATE, BEARER);
    }
    answer(problem.type().status(), PROBLEM, ProblemJson.write(problem, requestId), counted);
  }

  /** Refuses a method, naming those allowed. */
  void refuseMethod(String allowed) {
    request.response().headers().add(HttpHeaderNames.ALLOW, allowed);
    refuse(Problem.of(ProblemType.METHOD_NOT_ALLOWED, "this method (expected: " + allowed + ")"));
  }

  void refusePath() {
    refuse(Problem.of(ProblemType.NOT_FOUND, "no such path"));
  }

  /**
   * Refuses the rest of the body of a request on this connection; false where its body is whole.
   */
  boolean refuseBrokenBody(HttpConnection connection) {
    if (bodyRead || bodyReader == null || !connection.equals(request.connection())) {
      return false;
    }
    refuse(Problem.of(ProblemType.BAD_REQUEST, "the body is not framed as its headers say"));
    return true;
  }

  /** The client is gone. */
  private void abandon() {
    if (!over) {
      over = true;
      guard.ended(this, request, true);
      if (streaming != null) {
        streaming.gone();
      }
    }
  }
}
