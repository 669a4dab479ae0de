package io.openclaw.router;

import io.openclaw.domain.Problem;
import io.openclaw.domain.ProblemType;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What of a request's head passes the router (RFC 9110 §7.6), and the router's own. Stateless. */
final class Headers {
  static final CharSequence ATTEMPT = HttpHeaders.createOptimized("x-openclaw-attempt");
  static final CharSequence ELSEWHERE = HttpHeaders.createOptimized("x-openclaw-elsewhere");
  static final CharSequence TRIES = HttpHeaders.createOptimized("x-openclaw-tries");
  static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("x-request-id");
  static final CharSequence IDEMPOTENCY_KEY = HttpHeaders.createOptimized("idempotency-key");
  static final CharSequence FORWARDED_FOR = HttpHeaders.createOptimized("x-forwarded-for");
  static final CharSequence EXPLAIN = HttpHeaders.createOptimized("x-openclaw-explain");
  static final CharSequence STEERED = HttpHeaders.createOptimized("x-openclaw-steered");
  static final CharSequence VIA = HttpHeaders.createOptimized("via");
  static final String VIA_ROUTER = "1.1 openclaw-router";

  private static final String OWN_PREFIX = "x-openclaw-";
  private static final int REQUEST_ID_LENGTH_MAX = 128;

  /** Routers one behind the other; more is a loop (RFC 9110 §7.6.3). */
  private static final int ROUTERS_MAX = 4;

  private static final Set<String> HOP_BY_HOP =
      Set.of(
          "connection",
          "keep-alive",
          "proxy-authenticate",
          "proxy-authorization",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  /** Set anew for each try; {@code expect} has been answered by the router. */
  private static final Set<String> REWRITTEN =
      Set.of("content-length", "expect", "x-forwarded-for", "x-request-id");

  private Headers() {}

  /** Copies what a region may see of a client's fields. */
  static void copyRequest(MultiMap from, MultiMap to) {
    Set<String> named = namedByConnection(from);
    for (Map.Entry<String, String> field : from) {
      String name = lower(field.getKey());
      if (passes(name, named) && !REWRITTEN.contains(name)) {
        to.add(field.getKey(), field.getValue());
      }
    }
    to.add(VIA, VIA_ROUTER);
  }

  /** Copies what a client may see of a region's fields. */
  static void copyResponse(MultiMap from, MultiMap to) {
    Set<String> named = namedByConnection(from);
    for (Map.Entry<String, String> field : from) {
      if (passes(lower(field.getKey()), named)) {
        to.add(field.getKey(), field.getValue());
      }
    }
    to.add(VIA, VIA_ROUTER);
  }

  /** Why a request is passed on to no region, whatever it asks for; null where it may be. */
  static @Nullable Problem unfit(HttpServerRequest request) {
    if (HttpMethod.CONNECT.equals(request.method())) {
      return Problem.of(ProblemType.METHOD_NOT_ALLOWED, "CONNECT: this is no forward proxy");
    }
    if (!isTarget(request.uri())) {
      return Problem.of(
          ProblemType.BAD_REQUEST,
          "the target has a space or a control character (expected: none)");
    }
    return loops(request.headers())
        ? Problem.of(
            ProblemType.LOOP_DETECTED, "via: the request has come through this router before")
        : null;
  }

  /** Whether a target fits in a start line: HTTP/2 frames it, HTTP/1.1 ends it with a space. */
  static boolean isTarget(String target) {
    for (int i = 0; i < target.length(); i++) {
      char c = target.charAt(i);
      if (c <= ' ' || c == 0x7f) {
        return false;
      }
    }
    return true;
  }

  /** Whether a request has come through so many routers that they must form a loop. */
  static boolean loops(MultiMap headers) {
    List<String> vias = headers.getAll(VIA);
    int routers = 0;
    for (String via : vias) {
      for (int at = via.indexOf(VIA_ROUTER); at >= 0; at = via.indexOf(VIA_ROUTER, at + 1)) {
        routers++;
      }
    }
    return routers >= ROUTERS_MAX;
  }

  /** The client's request id where it is fit to be logged and sent on, else null. */
  static @Nullable String requestId(MultiMap headers) {
    String given = headers.get(REQUEST_ID);
    if (given == null || given.isEmpty() || given.length() > REQUEST_ID_LENGTH_MAX) {
      return null;
    }
    for (int i = 0; i < given.length(); i++) {
      char c = given.charAt(i);
      boolean fit = c > ' ' && c < 0x7f && c != '"' && c != '\\' && c != '<' && c != ',';
      if (!fit) {
        return null;
      }
    }
    return given;
  }

  /** The chain of clients, with the one on this connection at its end. */
  static String forwardedFor(MultiMap headers, String address) {
    List<String> before = headers.getAll(FORWARDED_FOR);
    return before.isEmpty() ? address : String.join(", ", before) + ", " + address;
  }

  private static boolean passes(String name, Set<String> named) {
    return !HOP_BY_HOP.contains(name) && !name.startsWith(OWN_PREFIX) && !named.contains(name);
  }

  private static Set<String> namedByConnection(MultiMap headers) {
    List<String> values = headers.getAll(HttpHeaders.CONNECTION);
    if (values.isEmpty()) {
      return Set.of();
    }
    Set<String> names = new HashSet<>();
    for (String value : values) {
      for (String name : value.split(",", -1)) {
        names.add(lower(name.strip()));
      }
    }
    return names;
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
