package io.openclaw.app;

import io.openclaw.domain.Problem;
import io.openclaw.domain.ProblemType;
import io.openclaw.edge.Answered;
import io.openclaw.edge.ReleaseAdministration;
import java.io.IOException;

/** Releases on a disk that does what a test says. */
record FaultyReleases(Disk disk) implements ReleaseAdministration {
  /** What every operation does first. */
  @FunctionalInterface
  interface Disk {
    void touch() throws IOException;
  }

  private Answered touched() {
    try {
      disk.touch();
      return answer(Problem.of(ProblemType.NOT_FOUND, "none"));
    } catch (IOException e) {
      return answer(Problem.of(ProblemType.UNAVAILABLE, "planted").withRetryAfter(1));
    }
  }

  private static Answered answer(Problem problem) {
    return new Answered(new byte[0], problem, "", "", "", null, null);
  }

  @Override
  public Answered list() {
    return touched();
  }

  @Override
  public Answered show(String version) {
    return touched();
  }

  @Override
  public Answered publish(byte[] body) {
    return touched();
  }

  @Override
  public Answered rollout() {
    return touched();
  }

  @Override
  public Answered direct(byte[] body) {
    return touched();
  }

  @Override
  public Answered blob(String sha256) {
    return touched();
  }

  @Override
  public Answered putBlob(String sha256, byte[] bytes) {
    return touched();
  }
}
