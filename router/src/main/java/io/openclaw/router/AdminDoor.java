package io.openclaw.router;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonWriter;
import io.openclaw.domain.Problem;
import io.openclaw.domain.ProblemType;
import io.openclaw.steer.Affinity;
import io.openclaw.steer.Elsewhere;
import io.openclaw.steer.Explanation;
import io.openclaw.steer.Steering;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an operator of a router may ask it, on a port of this machine alone: {@code GET
 * /admin/v1/steer/explain?address=192.0.2.7&affinity=order-1}, where a request would go now, and
 * why.
 */
final class AdminDoor extends VerticleBase {
  private static final String EXPLAIN = "/admin/v1/steer/explain";
  private static final String HOST = "127.0.0.1";
  private static final int IDLE_SECONDS = 30;

  private final Fleet fleet;
  private @Nullable HttpServer server;

  AdminDoor(Fleet fleet) {
    this.fleet = fleet;
  }

  @Override
  public Future<?> start() {
    HttpServer listening =
        vertx
            .createHttpServer(
                new HttpServerOptions()
                    .setHttp2ClearTextEnabled(false)
                    .setIdleTimeout(IDLE_SECONDS))
            .requestHandler(this::received);
    server = listening;
    return listening.listen(fleet.settings.adminPort(), HOST);
  }

  int port() {
    return server == null ? -1 : server.actualPort();
  }

  private void received(HttpServerRequest request) {
    String id = Long.toHexString(fleet.clock.nanoTime());
    if (!EXPLAIN.equals(request.path())) {
      var _ =
          Problems.answer(
              request.response(),
              Problem.of(ProblemType.NOT_FOUND, "(expected: " + EXPLAIN + ")"),
              id);
    } else if (!HttpMethod.GET.equals(request.method())) {
      var _ =
          Problems.answer(
              request.response(),
              Problem.of(ProblemType.METHOD_NOT_ALLOWED, "(expected: GET)"),
              id);
    } else {
      try {
        explain(request);
      } catch (IllegalArgumentException e) {
        var _ =
            Problems.answer(
                request.response(),
                Problem.of(ProblemType.BAD_REQUEST, "address: (expected: an IPv4 or IPv6 address)"),
                id);
      }
    }
  }

  private void explain(HttpServerRequest request) {
    Steering steering = fleet.settings.steering();
    String affinity = request.getParam("affinity");
    String address = request.getParam("address");
    int preferred = Elsewhere.UNKNOWN;
    if (affinity != null) {
      preferred = Affinity.region(fleet.view, affinity);
    } else if (address != null) {
      byte[] bytes = InetAddress.ofLiteral(address).getAddress();
      preferred = steering.preferred(fleet.view, bytes, 0);
    }
    Explanation why = Explanation.of(steering, fleet.view, preferred, fleet.clock.nanoTime());
    byte[] body = JsonWriter.write(json(why));
    request
        .response()
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
        .putHeader("cache-control", "no-store")
        .end(Buffer.buffer(body));
  }

  private static Json.Obj json(Explanation why) {
    List<Json> regions = new ArrayList<>();
    why.regions().forEach(each -> regions.add(json(each)));
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("policy", new Json.Str(why.policy()));
    members.put("cost_is", new Json.Str(why.costIs()));
    if (!why.preferred().isEmpty()) {
      members.put("preferred", new Json.Str(why.preferred()));
    }
    members.put("panic", Json.Bool.of(why.panic()));
    members.put("regions", new Json.Arr(regions));
    return new Json.Obj(members);
  }

  private static Json json(Explanation.Standing each) {
    Map<String, Json> row = new LinkedHashMap<>();
    row.put("region", new Json.Str(each.region()));
    row.put("candidate", Json.Bool.of(each.candidate()));
    row.put("why", new Json.Str(each.why()));
    row.put("state", new Json.Str(each.state().name().toLowerCase(Locale.ROOT)));
    row.put("draining", Json.Bool.of(each.draining()));
    row.put("for_ms", new Json.Num(each.forMillis()));
    row.put("latency_ms", rounded(each.latencyMillis()));
    row.put("in_flight", new Json.Num(each.inFlight()));
    row.put("load", new Json.Num(each.load()));
    row.put("share", rounded(each.share()));
    row.put("cost", rounded(each.cost()));
    return new Json.Obj(row);
  }

  private static Json rounded(double value) {
    return new Json.Num(Math.abs(value) > 1e12 ? value : Math.round(value * 1e3) / 1e3);
  }
}
