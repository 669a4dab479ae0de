package io.openclaw.jmh;

import com.sun.management.OperatingSystemMXBean;
import io.openclaw.domain.Clock;
import io.openclaw.domain.FactTable;
import io.openclaw.domain.LimitSpec;
import io.openclaw.limit.LeaseSettings;
import io.openclaw.limit.Leases;
import io.openclaw.limit.Limit;
import io.openclaw.limit.Limiter;
import io.openclaw.mesh.MeshSettings;
import io.openclaw.mesh.MeshView;
import io.openclaw.net.PeerAnswer;
import io.openclaw.net.PeerRequests;
import io.openclaw.net.PeersNode;
import io.openclaw.net.PeersSettings;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** One node that shares limits with its peers and does nothing else, and what that costs. */
@Command(
    name = "MeshCost",
    mixinStandardHelpOptions = true,
    description = {
      "One of several nodes that share limits as a region does, without HTTP API: the limiter, the",
      "leases and the mesh over its real transport, and a thread that asks for tokens. Starts when",
      "all peers are up and every tenant was asked for once. Prints a line of JSON per window:",
      "  cores     CPU time of the process, less that of the asking thread, per second",
      "  kb_in     bytes of frames that came from peers, in 1,000 per second",
      "  kb_out    the same of those sent to peers",
      "  total_in, total_out  all bytes of frames since the start",
      "  full_states  sent to peers since the start",
      "  decisions, admitted  per second; given: blocks handed to other regions in this window",
      "It then goes on sharing, without load, until it is stopped."
    })
public final class MeshCost implements Callable<Integer> {
  /** What is asked for. */
  enum Load {
    /** Nothing, ever: all tenants are there, and nobody asks. */
    IDLE,
    /** Nothing, after every tenant was asked for once. */
    USED,
    /** All tenants, equally often. */
    TYPICAL,
    /** Few tenants mostly, beyond their limits, and in each region others. */
    SKEW
  }

  private static final String HOST = "127.0.0.1";

  /** Only processes of one measurement on this machine's loopback are to be told apart by it. */
  private static final String SECRET = "cost-of-sharing-on-loopback";

  private static final int RATE = 100; // tokens/s of every tenant, and its burst
  private static final int TYPICAL_PER_SECOND = 2000;
  private static final int SKEW_PER_SECOND = 5000;
  private static final double SKEW_EXPONENT = 1.1;

  /** So often the tenants that are asked for most are asked for in another region. */
  private static final long SKEW_MOVES_MILLIS = 5000;

  private static final long UP_SECONDS_MAX = 60;

  /** Peers ask for nothing beside the streams. */
  private static final PeerRequests NO_REQUESTS =
      new PeerRequests() {
        @Override
        public @Nullable PeerAnswer get(String path, String query) {
          return null;
        }

        @Override
        public byte @Nullable [] post(String path, byte[] body) {
          return null;
        }
      };

  private static final Clock CLOCK =
      new Clock() {
        @Override
        public long nanoTime() {
          return System.nanoTime();
        }

        @Override
        public long wallMillis() {
          return System.currentTimeMillis();
        }
      };

  @Option(names = "--region", required = true, description = "this node's region")
  private String region = "";

  @Option(names = "--port", required = true, description = "where this node listens, on 127.0.0.1")
  private int port;

  @Option(names = "--peer", description = "REGION=PORT of another node; may be repeated")
  private Map<String, Integer> peers = new TreeMap<>();

  @Option(names = "--tenants", required = true, description = "how many, each with a limit")
  private int tenants;

  @Option(
      names = "--load",
      required = true,
      description = {
        "idle: no request, ever; used: none after one for each tenant; typical: 2,000 decisions/s,",
        "spread over all tenants; skew: 5,000 decisions/s, Zipf 1.1, moving between regions"
      })
  private Load load = Load.IDLE;

  @Option(names = "--warmup", defaultValue = "20", description = "seconds before the windows")
  private int warmUpSeconds;

  @Option(names = "--window", defaultValue = "20", description = "seconds of one window")
  private int windowSeconds;

  @Option(names = "--windows", defaultValue = "3", description = "how many windows")
  private int windows;

  @Option(names = "--no-mesh", description = "all but the sharing, for what the JVM itself costs")
  private boolean noMesh;

  @Option(
      names = "--full-state-every-tick",
      description = "a planted bug: hands over everything in each tick")
  private boolean fullStateEveryTick;

  private final OperatingSystemMXBean system =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private MeshCost() {}

  /** Runs the command. */
  public static void main(String[] args) {
    System.exit(
        new CommandLine(new MeshCost()).setCaseInsensitiveEnumValuesAllowed(true).execute(args));
  }

  @Override
  public Integer call() throws ExecutionException, InterruptedException, TimeoutException {
    long incarnation = CLOCK.wallMillis();
    List<String> regions = new ArrayList<>(peers.keySet());
    regions.add(region);
    Limiter limiter =
        new Limiter(
            LeaseSettings.of(region, regions), region + "#" + incarnation, false, CLOCK.nanoTime());
    Leases leases = new Leases(limiter, incarnation, CLOCK.nanoTime());
    Limit[] limits = limits(limiter);
    PeersNode node = noMesh ? null : start(limiter, leases, incarnation);
    if (node != null) {
      awaitAllUp(node, leases);
    }
    CostLoad asking = new CostLoad(limiter, limits, choice(), perSecond());
    if (load != Load.IDLE) {
      for (int tenant = 0; tenant < tenants; tenant++) {
        asking.decide(tenant);
      }
    }
    Thread thread = Thread.ofPlatform().daemon().name("load").unstarted(asking);
    if (perSecond() > 0) {
      thread.start();
    }
    TimeUnit.SECONDS.sleep(warmUpSeconds);
    for (int window = 1; window <= windows; window++) {
      measure(window, node, leases, asking, thread.threadId());
    }
    thread.interrupt();
    new CountDownLatch(1).await();
    return 0;
  }

  private Limit[] limits(Limiter limiter) {
    Limit[] limits = new Limit[tenants];
    for (int tenant = 0; tenant < tenants; tenant++) {
      LimitSpec spec =
          new LimitSpec("tenant/" + tenant, LimitSpec.Level.TENANT, RATE * 1000L, RATE);
      limits[tenant] = limiter.limit(spec, 1, CLOCK.nanoTime());
    }
    return limits;
  }

  private int perSecond() {
    return switch (load) {
      case IDLE, USED -> 0;
      case TYPICAL -> TYPICAL_PER_SECOND;
      case SKEW -> SKEW_PER_SECOND;
    };
  }

  private CostLoad.Choice choice() {
    int place = (int) peers.keySet().stream().filter(peer -> peer.compareTo(region) < 0).count();
    KeySequence sequence = KeySequence.number(place + 1);
    if (load != Load.SKEW) {
      return () -> sequence.next(tenants);
    }
    Zipf zipf = new Zipf(tenants, SKEW_EXPONENT);
    int count = peers.size() + 1;
    return () -> {
      long moved = (place + CLOCK.wallMillis() / SKEW_MOVES_MILLIS) % count;
      int rank = zipf.at(sequence.next(Integer.MAX_VALUE) / (double) Integer.MAX_VALUE);
      return (int) ((rank + moved * tenants / count) % tenants);
    };
  }

  private PeersNode start(Limiter limiter, Leases leases, long incarnation)
      throws ExecutionException, InterruptedException, TimeoutException {
    Map<String, PeersSettings.Address> addresses = new TreeMap<>();
    peers.forEach((peer, at) -> addresses.put(peer, new PeersSettings.Address(HOST, at)));
    FactTable facts =
        fullStateEveryTick ? new EverythingEachTick(limiter.facts()) : limiter.facts();
    return PeersNode.start(
            MeshSettings.of(region, List.copyOf(addresses.keySet()), incarnation),
            new PeersSettings(region, HOST, port, addresses, SECRET),
            null,
            List.of(facts),
            leases,
            NO_REQUESTS,
            CLOCK)
        .toCompletionStage()
        .toCompletableFuture()
        .get(UP_SECONDS_MAX, TimeUnit.SECONDS);
  }

  private static void awaitAllUp(PeersNode node, Leases leases) throws InterruptedException {
    long startNanos = System.nanoTime();
    while (!leases.isHeld()
        || !node.view().peers().values().stream()
            .allMatch(peer -> peer.state() == MeshView.State.UP)) {
      if (System.nanoTime() - startNanos > TimeUnit.SECONDS.toNanos(UP_SECONDS_MAX)) {
        throw new IllegalStateException(
            "peers: " + node.view().peers().values() + " (expected: all up)");
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  /** What was counted up to one moment; of two moments the difference is what a window cost. */
  private record Reading(
      long nanos,
      long cpuNanos,
      long in,
      long out,
      long fulls,
      long decisions,
      long admissions,
      long given) {}

  private Reading read(@Nullable PeersNode node, Leases leases, CostLoad asking, long thread) {
    long in = 0;
    long out = 0;
    long fulls = 0;
    if (node != null) {
      for (MeshView.Peer peer : node.view().peers().values()) {
        in += peer.counters().bytesIn();
        out += peer.counters().bytesOut();
        fulls += peer.counters().fullStates();
      }
    }
    long own =
        perSecond() == 0
            ? 0
            : Math.max(0, ManagementFactory.getThreadMXBean().getThreadCpuTime(thread));
    return new Reading(
        System.nanoTime(),
        system.getProcessCpuTime() - own,
        in,
        out,
        fulls,
        asking.decisions(),
        asking.admissions(),
        leases.given());
  }

  private void measure(
      int window, @Nullable PeersNode node, Leases leases, CostLoad asking, long thread)
      throws InterruptedException {
    Reading before = read(node, leases, asking, thread);
    TimeUnit.SECONDS.sleep(windowSeconds);
    Reading after = read(node, leases, asking, thread);
    double nanos = after.nanos - before.nanos;
    System.out.printf(
        Locale.ROOT,
        "{\"region\":\"%s\",\"tenants\":%d,\"load\":\"%s\",\"window\":%d,\"cores\":%.4f,"
            + "\"kb_in\":%.2f,\"kb_out\":%.2f,\"total_in\":%d,\"total_out\":%d,"
            + "\"full_states\":%d,\"decisions\":%.0f,\"admitted\":%.0f,\"given\":%d}%n",
        region,
        tenants,
        noMesh ? "none" : load.name().toLowerCase(Locale.ROOT),
        window,
        (after.cpuNanos - before.cpuNanos) / nanos,
        (after.in - before.in) / nanos * 1e6,
        (after.out - before.out) / nanos * 1e6,
        after.in,
        after.out,
        after.fulls,
        (after.decisions - before.decisions) / nanos * 1e9,
        (after.admissions - before.admissions) / nanos * 1e9,
        after.given - before.given);
  }
}
