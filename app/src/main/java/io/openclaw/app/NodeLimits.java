package io.openclaw.app;

import io.openclaw.edge.Directory;
import io.openclaw.edge.Tries;
import io.openclaw.limit.Debts;
import io.openclaw.limit.Leases;
import io.openclaw.limit.Limiter;
import io.openclaw.limit.Quotas;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicLong;

/** The limits of a node's region: what it may spend, and what it holds of what all share. */
record NodeLimits(
    Limiter limiter,
    Leases leases,
    Quotas quotas,
    QuotaFile quotaFile,
    Directory.Limits together,
    Tries tries) {
  private static final System.Logger LOG = System.getLogger("io.openclaw.app");

  /** How long a start waits for the region's share of the limits: after W all voters vote. */
  private static final long LEASES_NANOS_MAX = 2_000_000_000L;

  private static final long LEASES_POLL_MILLIS = 10;

  /** How often limits that ran dry are allowed to borrow, and repaid debts are taken off. */
  private static final long DEBTS_MILLIS = 100;

  /** How often it is looked whether all regions have a new choice of voters. */
  private static final long VOTERS_MILLIS = 1000;

  static NodeLimits open(NodeContext node) throws IOException {
    NodeConfig config = node.config;
    long incarnation = node.data.incarnation();
    Limiter limiter =
        new Limiter(
            config.leases(),
            node.region() + "#" + incarnation,
            node.isAlone() && node.data.isFresh(),
            node.clock.nanoTime());
    openDebts(node, limiter);
    Leases leases = openLeases(node, limiter, incarnation);
    QuotaFile quotaFile =
        QuotaFile.open(
            node.data.quotasLog(),
            node.region(),
            config.regions(),
            node.clock::wallMillis,
            node.random);
    node.logs.add("quotas", quotaFile::accepts);
    Quotas quotas =
        new Quotas(
            node.region(), config.regions(), quotaFile.ledger(), quotaFile, node.clock.nanoTime());
    return new NodeLimits(
        limiter,
        leases,
        quotas,
        quotaFile,
        new Directory.Limits(limiter, quotas),
        new Tries(node.clock));
  }

  /** That all regions have a choice of voters is noted, since at the next start one may be down. */
  private static Leases openLeases(NodeContext node, Limiter limiter, long incarnation)
      throws IOException {
    AtomicLong noted = new AtomicLong(node.data.votersFollowed());
    Leases leases = new Leases(limiter, incarnation, noted.get(), node.clock.nanoTime());
    node.every(
        VOTERS_MILLIS,
        () -> {
          long followed = leases.followed();
          if (followed > noted.getAndAccumulate(followed, Math::max)) {
            node.save("choice of voters", () -> node.data.saveVotersFollowed(followed));
          }
        });
    return leases;
  }

  private static void openDebts(NodeContext node, Limiter limiter) throws IOException {
    Debts debts = new Debts(node.data::saveDebts, node.data.debts());
    limiter.debts(debts);
    node.every(
        DEBTS_MILLIS,
        () -> {
          if (debts.isDue()) {
            node.save("debts", () -> debts.settle(node.clock.nanoTime()));
          }
        });
  }

  /** A region that starts beside others soon has its share; one that is cut off goes on without. */
  void await(NodeContext node) throws IOException {
    if (node.config.regions().size() == 2) {
      LOG.log(
          Level.WARNING,
          "two regions: when one is gone, the other spends only its floor of every limit, since it"
              + " cannot tell a dead region from one that is cut off (a third region, or a witness"
              + " that only votes, keeps the full rate)");
    }
    long deadlineNanos = node.clock.nanoTime() + LEASES_NANOS_MAX;
    try {
      while (!(leases.isHeld() && hasShares()) && node.clock.nanoTime() - deadlineNanos < 0) {
        Thread.sleep(LEASES_POLL_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while starting", e);
    }
    if (!leases.isHeld()) {
      LOG.log(
          Level.WARNING,
          "no majority of the voting regions answers yet: until one does, this region spends only"
              + " its floor of every limit");
    }
    if (!hasShares()) {
      LOG.log(
          Level.WARNING,
          "not all regions have noted this one's ledger yet: until they have, this region spends of"
              + " quotas only what others give it");
    }
  }

  private boolean hasShares() {
    return quotas.quotas().isEmpty() || quotas.isNoted();
  }
}
