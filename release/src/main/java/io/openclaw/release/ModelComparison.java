package io.openclaw.release;

import io.openclaw.domain.Rating;
import java.util.List;

/**
 * What two versions of a model said of the same inputs.
 *
 * @param stable what the version in force says of each input that both rate
 * @param candidate what the other one says of the same inputs, in the same order
 * @param refused how many inputs the version in force rates and the other one refuses
 * @param firstRefusal the first of them: which, and why; empty where there is none
 * @param stableNanos how long the version in force takes for one input, the mean of the shortest
 *     times of each; 0 where nothing was measured
 * @param candidateNanos the same of the other one
 */
public record ModelComparison(
    List<Rating> stable,
    List<Rating> candidate,
    int refused,
    String firstRefusal,
    double stableNanos,
    double candidateNanos) {
  public ModelComparison {
    stable = List.copyOf(stable);
    candidate = List.copyOf(candidate);
    if (stable.size() != candidate.size()) {
      throw new IllegalArgumentException(
          "candidate: " + candidate.size() + " ratings (expected: " + stable.size() + ")");
    }
  }

  /** Inputs that the version in force rates. */
  int samples() {
    return stable.size() + refused;
  }
}
