package io.openclaw.router;

import io.openclaw.domain.Clock;
import io.openclaw.steer.RegionReport;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The active health checks: {@code GET /readyz} in every region at a fixed interval, on connections
 * and an event loop of their own.
 *
 * <p>A probe is sent whether or not the last one was answered, so that a frozen region is seen
 * after one timeout and one interval. 200 is good; 503 whose body has the word {@code draining}
 * takes the region out without blaming it; anything else is a failure.
 */
final class Prober extends VerticleBase {
  private static final int UNDER_WAY_MAX = 8;
  private static final int BODY_BYTES_MAX = 8 << 10;
  private static final long MILLI = 1_000_000L;

  /** A timer later than this says that the router itself stood still: the probe says nothing. */
  private static final long LATE_NANOS = 50 * MILLI;

  private final Fleet fleet;
  private final Clock clock;
  private final List<RegionClient> clients = new ArrayList<>();
  private int[] underWay = {};

  Prober(Fleet fleet) {
    this.fleet = fleet;
    this.clock = fleet.clock;
  }

  @Override
  public Future<?> start() {
    RouterTimeouts timeouts = fleet.settings.timeouts();
    fleet
        .settings
        .regions()
        .forEach(
            (name, url) ->
                clients.add(
                    new RegionClient(
                        vertx, name, url, fleet.tls.regions(), timeouts.probe(), UNDER_WAY_MAX)));
    fleet.whenRenewed(() -> context.runOnContext(now -> clients.forEach(RegionClient::renew)));
    underWay = new int[clients.size()];
    probeAll();
    vertx.setPeriodic(
        timeouts.probeInterval(),
        timer -> {
          probeAll();
          fleet.look();
        });
    return Future.succeededFuture();
  }

  private void probeAll() {
    for (int region = 0; region < clients.size(); region++) {
      if (underWay[region] < UNDER_WAY_MAX) {
        new Probe(region).start();
      }
    }
  }

  /** One health check. */
  private final class Probe {
    private final int region;
    private final long dueNanos = clock.nanoTime() + fleet.settings.timeouts().probe() * MILLI;
    private long sentNanos;
    private long timer;
    private boolean over;
    private @Nullable HttpClientRequest upstream;

    Probe(int region) {
      this.region = region;
    }

    void start() {
      underWay[region]++;
      timer = vertx.setTimer(fleet.settings.timeouts().probe(), fired -> timedOut());
      clients
          .get(region)
          .request(new RequestOptions().setMethod(HttpMethod.GET).setURI("/readyz"))
          .onComplete(this::connected);
    }

    private void connected(@Nullable HttpClientRequest request, @Nullable Throwable failure) {
      if (over) {
        if (request != null) {
          // Without it, Vert.x logs the reset as an error.
          request.exceptionHandler(reset -> {});
          request.reset();
        }
      } else if (request == null && RegionClient.isOurs(failure)) {
        end();
      } else if (request == null) {
        failed();
      } else {
        upstream = request;
        // Without the connection's set-up, which the requests over pooled ones do not pay.
        sentNanos = clock.nanoTime();
        request.exceptionHandler(broken -> {});
        request.response().onComplete(this::answered);
        request.end();
      }
    }

    private void answered(@Nullable HttpClientResponse answer, @Nullable Throwable failure) {
      if (over) {
        return;
      }
      if (answer == null) {
        failed();
      } else if (answer.statusCode() == 200) {
        end();
        long now = clock.nanoTime();
        fleet.view.reported(
            region,
            RegionReport.of(
                answer.getHeader(RegionReport.LOAD), answer.getHeader(RegionReport.HEARS)));
        fleet.observed(region, fleet.view.probeOk(region, now - sentNanos, now));
      } else if (answer.statusCode() == 503) {
        Gathered body = new Gathered();
        answer.exceptionHandler(broken -> notReady(body));
        answer.handler(chunk -> gather(body, chunk));
        answer.endHandler(ended -> notReady(body));
      } else {
        failed();
      }
    }

    private void gather(Gathered body, Buffer chunk) {
      if (body.length() < BODY_BYTES_MAX) {
        body.add(chunk);
      }
    }

    private void notReady(Gathered body) {
      if (over) {
        return;
      }
      if (!body.whole().toString(StandardCharsets.UTF_8).contains("draining")) {
        failed();
        return;
      }
      end();
      fleet.observed(region, fleet.view.probeDraining(region, clock.nanoTime()));
    }

    private void timedOut() {
      long now = clock.nanoTime();
      if (now - dueNanos < LATE_NANOS) {
        failed();
      } else {
        end();
      }
      if (upstream != null) {
        upstream.reset();
      }
    }

    private void failed() {
      end();
      fleet.observed(region, fleet.view.probeFailed(region, clock.nanoTime()));
    }

    private void end() {
      over = true;
      underWay[region]--;
      vertx.cancelTimer(timer);
    }
  }
}
