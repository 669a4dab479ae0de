package io.openclaw.pmml;

/** Something that computes places of a frame from others. Immutable and thread-safe. */
interface Step {
  void run(Frame f);

  static void runAll(Step[] steps, Frame f) {
    for (Step step : steps) {
      step.run(f);
    }
  }
}
