package io.openclaw.pmml;

/** What a model does with a frame once its fields are there. Immutable and thread-safe. */
abstract class Body implements Step {
  final Outcome outcome;

  Body(Outcome outcome) {
    this.outcome = outcome;
  }

  /**
   * Adds what each factor contributed to the value, or to a category's probability or whatever it
   * follows from, times a weight; nothing where the model cannot tell.
   *
   * @param category its index among the outcome's; -1 for the value
   * @param into by place of the frame
   */
  void contribute(Frame f, int category, double weight, double[] into) {}

  /** Whether it can tell contributions. */
  boolean explains() {
    return false;
  }

  /** Inputs without any of which there is no value. */
  java.util.BitSet needs() {
    return Field.NOTHING;
  }
}
