package io.openclaw.net;

import io.openclaw.domain.Clock;
import io.openclaw.domain.Problem;
import io.openclaw.domain.ProblemType;
import io.openclaw.edge.Answered;
import io.openclaw.edge.CanaryAdministration;
import io.openclaw.edge.Edge;
import io.openclaw.edge.FallbackAdministration;
import io.openclaw.edge.KeyAdministration;
import io.openclaw.edge.RegionAdministration;
import io.openclaw.edge.ReleaseAdministration;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.http.HttpHeaders;
import java.lang.System.Logger.Level;
import java.util.concurrent.Callable;

/**
 * The admin port: everything under {@code /admin/v1}, for the one administrator key.
 *
 * <p>{@code GET /admin/v1/keys} · {@code POST /admin/v1/keys} · {@code DELETE /admin/v1/keys/<id>}
 * · {@code GET /admin/v1/releases} · {@code POST /admin/v1/releases} · {@code GET
 * /admin/v1/releases/<version>} · {@code GET /admin/v1/rollout} · {@code POST /admin/v1/rollout} ·
 * {@code GET /admin/v1/blobs/<sha256>} · {@code PUT /admin/v1/blobs/<sha256>} · {@code GET}, {@code
 * POST} and {@code DELETE /admin/v1/changes} · {@code GET /admin/v1/canaries} · {@code GET} and
 * {@code POST /admin/v1/fallbacks} · {@code GET} and {@code POST /admin/v1/regions}. Changes are
 * written to disk, so they run on worker threads, in no order: each holds what locks it needs. Keys
 * have workers of their own, since one that has leaked must not wait for a release.
 */
public final class AdminServer {
  private static final System.Logger LOG = System.getLogger("io.openclaw.net");
  private static final String KEYS = "/admin/v1/keys";
  private static final String RELEASES = "/admin/v1/releases";
  private static final String ROLLOUT = "/admin/v1/rollout";
  private static final String CHANGES = "/admin/v1/changes";
  private static final String BLOBS = "/admin/v1/blobs";
  private static final String CANARIES = "/admin/v1/canaries";
  private static final String FALLBACKS = "/admin/v1/fallbacks";
  private static final String REGIONS = "/admin/v1/regions";

  /** Releases are published one after another, and each that waits takes a worker. */
  private static final int WORKERS = 8;

  private static final int KEY_WORKERS = 4;

  private final WorkerExecutor workers;
  private final WorkerExecutor keyWorkers;
  private final KeyAdministration keys;
  private final ReleaseAdministration releases;
  private final CanaryAdministration canaries;
  private final FallbackAdministration fallbacks;
  private final ChangeAdministration changes;
  private final RegionAdministration regions;
  private final byte[] adminSha256;

  private AdminServer(
      Vertx vertx,
      KeyAdministration keys,
      ReleaseAdministration releases,
      ChangeAdministration changes,
      CanaryAdministration canaries,
      FallbackAdministration fallbacks,
      RegionAdministration regions,
      byte[] adminSha256) {
    this.workers = vertx.createSharedWorkerExecutor("admin", WORKERS);
    this.keyWorkers = vertx.createSharedWorkerExecutor("admin-keys", KEY_WORKERS);
    this.keys = keys;
    this.releases = releases;
    this.canaries = canaries;
    this.fallbacks = fallbacks;
    this.regions = regions;
    this.changes = changes;
    this.adminSha256 = adminSha256;
  }

  /**
   * Starts to listen.
   *
   * @param adminSha256 SHA-256 of the administrator key's secret
   */
  public static Future<GuardedServer> start(
      Vertx vertx,
      ApiSettings settings,
      KeyAdministration keys,
      ReleaseAdministration releases,
      ChangeAdministration changes,
      CanaryAdministration canaries,
      FallbackAdministration fallbacks,
      RegionAdministration regions,
      byte[] adminSha256,
      Clock clock) {
    AdminServer server =
        new AdminServer(
            vertx, keys, releases, changes, canaries, fallbacks, regions, adminSha256.clone());
    return GuardedServer.start(vertx, settings, 1, clock, server::route);
  }

  private void route(Exchange exchange) {
    if (!Edge.isAdmin(exchange.header(HttpHeaders.AUTHORIZATION), adminSha256)) {
      exchange.refuse(
          Problem.of(ProblemType.UNAUTHENTICATED, "this port needs the administrator key"));
      return;
    }
    String path = exchange.path();
    if (path.equals(KEYS)) {
      switch (exchange.method()) {
        case "GET" -> work(keyWorkers, exchange, keys::list);
        case "POST" ->
            exchange.jsonBody(body -> work(keyWorkers, exchange, () -> keys.create(body)));
        default -> exchange.refuseMethod("GET, POST");
      }
    } else if (path.equals(RELEASES)) {
      switch (exchange.method()) {
        case "GET" -> work(exchange, releases::list);
        case "POST" -> exchange.jsonBody(body -> work(exchange, () -> releases.publish(body)));
        default -> exchange.refuseMethod("GET, POST");
      }
    } else if (path.equals(ROLLOUT)) {
      switch (exchange.method()) {
        case "GET" -> work(exchange, releases::rollout);
        case "POST" -> exchange.jsonBody(body -> work(exchange, () -> releases.direct(body)));
        default -> exchange.refuseMethod("GET, POST");
      }
    } else if (path.equals(CANARIES)) {
      if (exchange.method().equals("GET")) {
        work(exchange, canaries::list);
      } else {
        exchange.refuseMethod("GET");
      }
    } else if (path.equals(FALLBACKS)) {
      switch (exchange.method()) {
        case "GET" -> work(exchange, fallbacks::list);
        case "POST" -> exchange.jsonBody(body -> work(exchange, () -> fallbacks.order(body)));
        default -> exchange.refuseMethod("GET, POST");
      }
    } else if (path.equals(REGIONS)) {
      switch (exchange.method()) {
        case "GET" -> work(exchange, regions::list);
        case "POST" -> exchange.jsonBody(body -> work(exchange, () -> regions.order(body)));
        default -> exchange.refuseMethod("GET, POST");
      }
    } else if (path.equals(CHANGES)) {
      switch (exchange.method()) {
        case "GET" -> work(exchange, changes::pending);
        case "POST" -> exchange.jsonBody(body -> work(exchange, () -> changes.write(body)));
        case "DELETE" -> work(exchange, changes::drop);
        default -> exchange.refuseMethod("DELETE, GET, POST");
      }
    } else {
      routeNamed(exchange, path);
    }
  }

  /** What is one of many. */
  private void routeNamed(Exchange exchange, String path) {
    if (isUnder(path, KEYS)) {
      if (exchange.method().equals("DELETE")) {
        work(keyWorkers, exchange, () -> keys.revoke(name(path, KEYS), exchange.query()));
      } else {
        exchange.refuseMethod("DELETE");
      }
    } else if (isUnder(path, RELEASES)) {
      if (exchange.method().equals("GET")) {
        work(exchange, () -> releases.show(name(path, RELEASES)));
      } else {
        exchange.refuseMethod("GET");
      }
    } else if (isUnder(path, BLOBS)) {
      blob(exchange, name(path, BLOBS));
    } else {
      exchange.refusePath();
    }
  }

  private void blob(Exchange exchange, String sha256) {
    switch (exchange.method()) {
      case "GET", "HEAD" -> work(exchange, () -> releases.blob(sha256));
      case "PUT" ->
          exchange.octets(
              ReleaseAdministration.BLOB_BYTES_MAX,
              bytes -> work(exchange, () -> releases.putBlob(sha256, bytes)));
      default -> exchange.refuseMethod("GET, HEAD, PUT");
    }
  }

  private static boolean isUnder(String path, String collection) {
    return path.startsWith(collection + "/") && path.indexOf('/', collection.length() + 1) < 0;
  }

  private static String name(String path, String collection) {
    return path.substring(collection.length() + 1);
  }

  private void work(Exchange exchange, Callable<Answered> change) {
    work(workers, exchange, change);
  }

  private static void work(WorkerExecutor by, Exchange exchange, Callable<Answered> change) {
    by.executeBlocking(change, false)
        .onSuccess(exchange::answer)
        .onFailure(
            failure -> {
              LOG.log(Level.ERROR, () -> "request " + exchange.requestId() + " failed", failure);
              exchange.refuse(Problem.of(ProblemType.INTERNAL, "the change failed"));
            });
  }
}
