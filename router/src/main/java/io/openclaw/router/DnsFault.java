package io.openclaw.router;

import io.openclaw.dns.DnsCounters;
import io.openclaw.dns.Responder;
import io.openclaw.dns.Workspace;
import java.util.concurrent.atomic.AtomicLong;

/** What becomes of a query on which the responder itself failed: SERVFAIL, counted and logged. */
final class DnsFault {
  private static final System.Logger LOG = System.getLogger("io.openclaw.dns");
  private static final long LOGGED_MAX = 100;
  private static final AtomicLong LOGGED = new AtomicLong();

  private DnsFault() {}

  static int answer(Responder responder, Workspace work, int length, RuntimeException fault) {
    responder.counters().lost(DnsCounters.Lost.FAILED);
    if (LOGGED.incrementAndGet() <= LOGGED_MAX) { // who found one packet can send many
      LOG.log(System.Logger.Level.ERROR, "a DNS query failed", fault);
    }
    return Responder.failure(work, length);
  }
}
