package io.openclaw.app;

import io.openclaw.edge.Bulk;
import io.openclaw.net.JobService;

/** Jobs that cannot be looked after: every method breaks. */
final class FaultyJobs implements JobService {
  @Override
  public Intake begin(Order order) {
    throw new IllegalStateException("planted");
  }

  @Override
  public byte[] list(Bulk.Caller caller) {
    throw new IllegalStateException("planted");
  }

  @Override
  public byte[] show(Bulk.Caller caller, String id) {
    throw new IllegalStateException("planted");
  }

  @Override
  public byte[] cancel(Bulk.Caller caller, String id) {
    throw new IllegalStateException("planted");
  }

  @Override
  public Results results(Bulk.Caller caller, String id, long from) {
    throw new IllegalStateException("planted");
  }
}
