package io.openclaw.app;

import io.openclaw.edge.Answered;
import io.openclaw.net.ChangeAdministration;

/** Changes on a disk that does what a test says. */
record FaultyChanges(FaultyReleases.Disk disk) implements ChangeAdministration {
  private Answered touched() {
    return new FaultyReleases(disk).list();
  }

  @Override
  public Answered pending() {
    return touched();
  }

  @Override
  public Answered write(byte[] body) {
    return touched();
  }

  @Override
  public Answered drop() {
    return touched();
  }
}
