package io.openclaw.app;

import io.openclaw.bench.Relay;
import java.io.IOException;
import java.util.Locale;

/** What a drill does to a fleet, and how it ends. */
enum DrillFault implements DrillReport.Subject {
  /** The region's process is killed, and started again two seconds later. */
  KILL("kill -9 of a region; it starts again 2 s later") {
    @Override
    void begin(DrillFleet fleet) throws IOException {
      fleet.signal("KILL");
    }

    @Override
    void end(DrillFleet fleet) {}
  },
  /** The region's process is stopped, its sockets stay open. */
  FREEZE("SIGSTOP of a region") {
    @Override
    void begin(DrillFleet fleet) throws IOException {
      fleet.signal("STOP");
    }

    @Override
    void end(DrillFleet fleet) throws IOException {
      fleet.signal("CONT");
    }
  },
  /** The region is drained by order. */
  DRAIN("a region drained by order") {
    @Override
    void begin(DrillFleet fleet) throws IOException {
      fleet.drain(true);
    }

    @Override
    void end(DrillFleet fleet) throws IOException {
      fleet.drain(false);
    }
  },
  /** Connections between router and region are reset, and refused. */
  PARTITION("router and region cut off from each other") {
    @Override
    void begin(DrillFleet fleet) {
      fleet.relay().cut(DrillFleet.ROUTER, DrillFleet.REGION);
    }

    @Override
    void end(DrillFleet fleet) {
      fleet.relay().heal();
    }
  },
  /** What the region sends is lost, nothing is closed. */
  ONE_WAY("what a region sends to the router is lost") {
    @Override
    void begin(DrillFleet fleet) {
      fleet.relay().swallow(DrillFleet.REGION, DrillFleet.ROUTER);
    }

    @Override
    void end(DrillFleet fleet) {
      fleet.relay().heal();
    }
  },
  /** Each way takes 200 ms. */
  SLOW("200 ms more to and from a region") {
    @Override
    void begin(DrillFleet fleet) {
      fleet.relay().change(DrillFleet.FAR);
    }

    @Override
    void end(DrillFleet fleet) {
      fleet.relay().change(Relay.PLAIN);
    }
  },
  /** The region answers every request with 503, and its health check with 200. */
  BAD("a region that answers 503, its health check 200") {
    @Override
    void begin(DrillFleet fleet) {
      fleet.relay().divert(fleet.badAddress());
    }

    @Override
    void end(DrillFleet fleet) {
      fleet.relay().divert(null);
    }
  },
  /** The region is cut off for 300 ms of each second. */
  FLAPPING("a region cut off for 300 ms of each second") {
    @Override
    void begin(DrillFleet fleet) {
      fleet.flap(true);
    }

    @Override
    void end(DrillFleet fleet) {
      fleet.flap(false);
      fleet.relay().heal();
    }
  },
  /** The router is replaced by another one on the same port. */
  ROUTER_RESTART("the router replaced by another on its port") {
    @Override
    void begin(DrillFleet fleet) throws IOException {
      fleet.replaceRouter();
    }

    @Override
    void end(DrillFleet fleet) {}
  },
  /** All regions are cut off: requests must fail, and be served again soon after. */
  ALL_DOWN("every region cut off") {
    @Override
    void begin(DrillFleet fleet) {
      fleet.relays().forEach(relay -> relay.cut(DrillFleet.ROUTER, DrillFleet.REGION));
    }

    @Override
    void end(DrillFleet fleet) {
      fleet.relays().forEach(Relay::heal);
    }
  };

  private final String description;

  DrillFault(String description) {
    this.description = description;
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  abstract void begin(DrillFleet fleet) throws IOException;

  abstract void end(DrillFleet fleet) throws IOException;
}
