package io.openclaw.steer;

import java.util.ArrayList;
import java.util.List;

/**
 * Why a request would go where it would go, now: each region's standing, and those among which the
 * choice is.
 *
 * @param policy the kind of steering
 * @param costIs what the costs are
 * @param preferred the region that the request itself asks for, and so gets; empty where it asks
 *     for none, or for one that may not be chosen
 * @param panic whether no region is up, so that any is tried
 * @param regions in the view's order
 */
public record Explanation(
    String policy, String costIs, String preferred, boolean panic, List<Standing> regions) {

  /**
   * One region.
   *
   * @param forMillis how long it has been in that state
   * @param latencyMillis its average latency, 0 where not known
   * @param load what it says of itself, 0 to 1
   * @param share the part of its traffic that it may get now: less than 1 in slow start
   * @param candidate whether it may be chosen for a first try
   * @param why in words
   */
  public record Standing(
      String region,
      RegionState state,
      boolean draining,
      long forMillis,
      double latencyMillis,
      int inFlight,
      double load,
      double share,
      double cost,
      boolean candidate,
      String why) {}

  /**
   * Explains.
   *
   * @param preferred an index, or a negative number for none
   */
  public static Explanation of(Steering steering, HealthView view, int preferred, long nowNanos) {
    int best = HealthView.RANK_DOWN;
    for (int i = 0; i < view.size(); i++) {
      best = Math.min(best, view.rank(i));
    }
    boolean asked =
        preferred >= 0 && view.rank(preferred) == best && best < HealthView.RANK_UNKNOWN;
    List<Standing> regions = new ArrayList<>();
    for (int i = 0; i < view.size(); i++) {
      regions.add(standing(steering, view, i, best, asked && i == preferred, nowNanos));
    }
    return new Explanation(
        steering.kind(),
        steering.costIs(),
        asked ? view.name(preferred) : "",
        best >= HealthView.RANK_DRAINING,
        List.copyOf(regions));
  }

  private static Standing standing(
      Steering steering, HealthView view, int region, int best, boolean preferred, long nowNanos) {
    RegionHealth health = view.health(region);
    boolean candidate = view.rank(region) == best;
    double share = health.share(nowNanos);
    return new Standing(
        view.name(region),
        health.state(),
        health.draining(),
        (nowNanos - health.sinceNanos()) / 1_000_000,
        health.latencyNanos() / 1e6,
        view.inFlight(region),
        view.load(region),
        share,
        steering.cost(view, region),
        candidate,
        view.alone(region) && health.state() == RegionState.UP && !preferred
            ? "up, but it hears of too few regions" + (candidate ? "; none is better" : "")
            : why(health, candidate, share, preferred));
  }

  private static String why(
      RegionHealth health, boolean chosenAmong, double share, boolean preferred) {
    return switch (health.state()) {
      case UP ->
          preferred
              ? "the request asks for it"
              : share < 1 ? "up, in slow start: not for every request" : "up: by its cost";
      case UNKNOWN ->
          chosenAmong
              ? "nothing is known of any yet: any is tried"
              : "nothing is known of it yet, and others are up";
      case DOWN -> {
        String why =
            health.draining()
                ? "it said that it is draining"
                : "it failed, and has not answered well often enough since";
        yield chosenAmong ? why + "; but none is better" : why;
      }
    };
  }
}
