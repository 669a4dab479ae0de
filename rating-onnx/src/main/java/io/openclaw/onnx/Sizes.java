package io.openclaw.onnx;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Whether a graph makes tensors whose size follows from an input's value: one number could then ask
 * for any amount of memory and time. What follows from weights, or from the shape of what the graph
 * takes, is the same in every run.
 */
final class Sizes {
  /** Operators all of whose inputs say how large their output is. */
  private static final Set<String> BY_ALL =
      Set.of(
          "Range",
          "ConstantOfShape",
          "HannWindow",
          "HammingWindow",
          "BlackmanWindow",
          "MelWeightMatrix");

  /** Operators whose inputs after the first do. */
  private static final Set<String> BY_REST =
      Set.of(
          "Expand",
          "Tile",
          "Pad",
          "Resize",
          "Upsample",
          "OneHot",
          "CenterCropPad",
          "AffineGrid",
          "MaxUnpool",
          "DFT",
          "STFT",
          "CropAndResize");

  /** Operators whose inputs after the first say what is left: never more than there was. */
  private static final Set<String> LESS_BY_REST =
      Set.of("Slice", "TopK", "Split", "Reshape", "Squeeze", "Unsqueeze");

  /** Operators whose output is as large as their input has certain values. */
  private static final Set<String> LESS =
      Set.of("NonZero", "Unique", "Compress", "NonMaxSuppression");

  private Sizes() {}

  /** Whether one does; a node that stands before what it needs is taken as such. */
  static boolean dependOnValues(
      List<OnnxFile.Node> nodes, List<OnnxFile.Value> inputs, Set<String> initialized) {
    Set<String> fixed = new HashSet<>(initialized);
    fixed.add(""); // an optional input that is left out
    Set<String> shaped = new HashSet<>(fixed);
    inputs.forEach(input -> shaped.add(input.name()));
    for (OnnxFile.Node node : nodes) {
      String operator = node.operator();
      List<String> in = node.inputs();
      int first =
          BY_ALL.contains(operator)
              ? 0
              : BY_REST.contains(operator) || LESS_BY_REST.contains(operator) ? 1 : in.size();
      boolean sized = fixed.containsAll(in.subList(Math.min(first, in.size()), in.size()));
      if (!sized && !LESS_BY_REST.contains(operator)) {
        return true;
      }
      boolean ofShape = operator.equals("Shape") || operator.equals("Size");
      if (ofShape ? shaped.containsAll(in) : fixed.containsAll(in)) {
        fixed.addAll(node.outputs());
      }
      if (sized && !LESS.contains(operator) && shaped.containsAll(in)) {
        shaped.addAll(node.outputs());
      }
    }
    return false;
  }
}
