package io.openclaw.app;

import io.openclaw.edge.Bulk;
import io.openclaw.net.JobService;
import java.util.concurrent.Callable;

/** Jobs that cannot be looked after: every method does what its disk does, and breaks. */
final class FaultyJobs implements JobService {
  private final Callable<?> disk;

  FaultyJobs(Callable<?> disk) {
    this.disk = disk;
  }

  private IllegalStateException broken() {
    try {
      disk.call();
    } catch (Exception e) {
      return new IllegalStateException("planted", e);
    }
    return new IllegalStateException("planted");
  }

  @Override
  public Intake begin(Order order) {
    throw broken();
  }

  @Override
  public byte[] list(Bulk.Caller caller) {
    throw broken();
  }

  @Override
  public byte[] show(Bulk.Caller caller, String id) {
    throw broken();
  }

  @Override
  public byte[] cancel(Bulk.Caller caller, String id) {
    throw broken();
  }

  @Override
  public Results results(Bulk.Caller caller, String id, long from) {
    throw broken();
  }
}
