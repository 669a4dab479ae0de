package io.openclaw.router;

import io.openclaw.domain.Clock;
import io.openclaw.steer.HealthView;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The global front door: an HTTP/1.1 and, over TLS, HTTP/2 server that sends each request to a
 * healthy region and, where that fails, to another one.
 *
 * <p>A request is tried again after a connection error, a reset, a 502 or 503, or no answer within
 * the time for one try, while its deadline and the retry budget allow, in another region each time
 * until all were tried. Every try carries {@code x-openclaw-attempt: <id>;try=<n>}, whose id is the
 * same for all tries of one request, so that regions count a request once. A region that refuses a
 * request, because a limit is exhausted there or it is overloaded, may say where else to try it
 * ({@code x-openclaw-elsewhere}); that is done once. Fields of the {@code x-openclaw-} family end
 * at the router in both directions. {@code /livez}, {@code /readyz} and {@code /metrics} are the
 * router's own. Thread-safe.
 */
public final class RouterServer {
  private static final long CLOSE_MILLIS = 5_000;

  /** From the last connection that is accepted until those without a request are closed. */
  private static final long LAST_MILLIS = 500;

  /** Vert.x shares a free port among the servers that ask for the same negative one. */
  private static final AtomicInteger FREE_PORTS = new AtomicInteger();

  private final Vertx vertx;
  private final Fleet fleet;
  private final List<FrontDoor> doors;
  private final AdminDoor admin;
  private final List<String> deployments = new ArrayList<>();

  private RouterServer(Vertx vertx, Fleet fleet, List<FrontDoor> doors) {
    this.vertx = vertx;
    this.fleet = fleet;
    this.doors = doors;
    this.admin = new AdminDoor(fleet);
  }

  /**
   * Starts a router; the future completes when it listens, and fails if it cannot. Whether a region
   * is up is not waited for: {@code /readyz} and {@link #view} tell.
   */
  public static Future<RouterServer> start(
      Vertx vertx, RouterSettings settings, Clock clock, RouterMetrics metrics) {
    return start(vertx, settings, RouterTls.NONE, clock, metrics);
  }

  /** As the other one, with TLS to clients, to regions, or both. */
  public static Future<RouterServer> start(
      Vertx vertx, RouterSettings settings, RouterTls tls, Clock clock, RouterMetrics metrics) {
    Fleet fleet = new Fleet(settings, tls, clock, metrics);
    int port = settings.port() == 0 ? -FREE_PORTS.incrementAndGet() : settings.port();
    List<FrontDoor> doors = new ArrayList<>();
    for (int i = 0; i < settings.eventLoops(); i++) {
      doors.add(new FrontDoor(fleet, port));
    }
    RouterServer router = new RouterServer(vertx, fleet, List.copyOf(doors));
    Future<String> deployed = vertx.deployVerticle(new Prober(fleet));
    for (FrontDoor door : doors) {
      deployed =
          deployed.compose(
              id -> {
                router.deployments.add(id);
                return vertx.deployVerticle(door);
              });
    }
    if (settings.adminPort() >= 0) {
      deployed =
          deployed.compose(
              id -> {
                router.deployments.add(id);
                return vertx.deployVerticle(router.admin);
              });
    }
    return deployed
        .map(
            id -> {
              router.deployments.add(id);
              return router;
            })
        .recover(failure -> router.undeploy().transform(gone -> Future.failedFuture(failure)));
  }

  /** The port listened on. */
  public int port() {
    return doors.getFirst().port();
  }

  /** The port on 127.0.0.1 for its operator; -1 for none. */
  public int adminPort() {
    return admin.port();
  }

  /** The health of the regions as the router sees it now. */
  public HealthView view() {
    return fleet.view;
  }

  /** Requests being served now. */
  public int requestsUnderWay() {
    return fleet.concurrent.get();
  }

  /** Bytes of requests that are held so that another region can get them. */
  public long heldBytes() {
    return fleet.heldBytes();
  }

  /** Clients' connections that are open. */
  public int connections() {
    return fleet.connections.get();
  }

  /**
   * Says that it is closing, goes on accepting for the settings' {@code drain}, then only answers
   * what has come, then lets requests under way end for up to five seconds, then stops.
   */
  public Future<Void> close() {
    fleet.closing = true;
    doors.forEach(door -> door.goAway(CLOSE_MILLIS));
    return after(fleet.settings.timeouts().drain())
        .compose(
            drained -> {
              doors.forEach(FrontDoor::stopAccepting);
              return after(Math.min(LAST_MILLIS, fleet.settings.timeouts().drain()));
            })
        .compose(
            answered ->
                Future.join(doors.stream().map(door -> door.shutdown(CLOSE_MILLIS)).toList()))
        .transform(closed -> undeploy());
  }

  private Future<Void> after(long millis) {
    return vertx.timer(Math.max(1, millis), TimeUnit.MILLISECONDS).mapEmpty();
  }

  private Future<Void> undeploy() {
    List<Future<Void>> gone = new ArrayList<>();
    for (String id : deployments) {
      gone.add(vertx.undeploy(id));
    }
    deployments.clear();
    return gone.isEmpty() ? Future.succeededFuture() : Future.join(gone).mapEmpty();
  }
}
