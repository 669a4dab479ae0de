package io.openclaw.pmml;

/**
 * What a compiled document does with a frame, without anything of the document itself, which a
 * loaded model lets go of. Immutable and thread-safe.
 *
 * @param names of the fields, by place
 * @param template a frame's numbers before anything is known
 * @param dictionary the steps of the transformation dictionary
 * @param model the rest
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, never changed
record Program(
    Symbols symbols,
    String[] names,
    double[] template,
    Step[] dictionary,
    Step model,
    Outcome outcome) {
  /** A frame of which no input is set. */
  Frame frame() {
    return new Frame(template.clone(), symbols);
  }

  /** Computes everything from the inputs. */
  void run(Frame f) {
    Step.runAll(dictionary, f);
    model.run(f);
  }

  /** Whether the frame, once run, predicts nothing. */
  boolean isSilent(Frame f) {
    return Double.isNaN(f.x[outcome.value()]);
  }
}
