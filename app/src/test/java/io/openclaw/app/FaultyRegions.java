package io.openclaw.app;

import io.openclaw.edge.Answered;
import io.openclaw.edge.RegionAdministration;

/** Fallbacks whose administration breaks. */
final class FaultyRegions implements RegionAdministration {
  @Override
  public Answered list() {
    throw new IllegalStateException("planted");
  }

  @Override
  public Answered order(byte[] body) {
    throw new IllegalStateException("planted");
  }
}
