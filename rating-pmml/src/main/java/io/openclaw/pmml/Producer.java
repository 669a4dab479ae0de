package io.openclaw.pmml;

/**
 * The model whose answer an output field holds, so that what depends on the field can be explained.
 *
 * @param category whose probability it is; -1 for the value
 * @param factor what the model's own number was multiplied by
 */
record Producer(Body body, int category, double factor) {
  void contribute(Frame f, double weight, double[] into) {
    body.contribute(f, category, weight * factor, into);
  }
}
