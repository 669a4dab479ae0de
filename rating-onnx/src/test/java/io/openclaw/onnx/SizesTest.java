package io.openclaw.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.rating.ModelException;
import java.util.List;
import org.junit.jupiter.api.Test;

class SizesTest {
  private static Graph graph() {
    return new Graph()
        .integers("size", new long[] {2}, 3, 1)
        .weights("zero", new long[] {}, 0)
        .weights("step", new long[] {}, 1)
        .input("x", OnnxFile.FLOAT, -1, 1)
        .output("y", OnnxFile.FLOAT, -1, 1);
  }

  private static boolean sized(Graph graph) throws ModelException {
    OnnxFile file = OnnxFile.read(graph.file());
    assertThat(file.loops()).isEqualTo(file.sized());
    return file.sized();
  }

  @Test
  void a_value_that_says_how_large_a_tensor_is_is_found() throws ModelException {
    assertThat(sized(graph().node("Range", List.of("zero", "x", "step"), List.of("y")))).isTrue();
    for (String operator : List.of("Expand", "Tile", "Pad", "OneHot")) {
      Graph direct = graph().node(operator, List.of("x", "x"), List.of("y"));
      assertThat(sized(direct)).as(operator).isTrue();
    }
    assertThat(
            sized(
                graph()
                    .node("Floor", List.of("x"), List.of("whole"))
                    .node("Expand", List.of("size", "whole"), List.of("y"))))
        .as("what is computed of a value")
        .isTrue();
    assertThat(
            sized(
                graph()
                    .node("NonZero", List.of("x"), List.of("places"))
                    .node("Neg", List.of("places"), List.of("negative"))
                    .node("Shape", List.of("negative"), List.of("shape"))
                    .node("ConstantOfShape", List.of("shape"), List.of("y"))))
        .as("the shape of what values made")
        .isTrue();
  }

  @Test
  void weights_and_shapes_are_the_same_in_every_run() throws ModelException {
    assertThat(sized(graph().node("Expand", List.of("x", "size"), List.of("y")))).isFalse();
    assertThat(sized(graph().node("Resize", List.of("x", "", "size"), List.of("y")))).isFalse();
    assertThat(
            sized(
                graph()
                    .node("Neg", List.of("x"), List.of("negative"))
                    .node("Shape", List.of("negative"), List.of("shape"))
                    .node("Mul", List.of("shape", "size"), List.of("twice"))
                    .node("ConstantOfShape", List.of("twice"), List.of("y"))))
        .isFalse();
    assertThat(sized(graph().node("Reshape", List.of("x", "x"), List.of("y"))))
        .as("never more than there was")
        .isFalse();
  }

  @Test
  void such_a_graph_takes_bounded_numbers_only() throws ModelException {
    byte[] range = graph().node("Range", List.of("zero", "x", "step"), List.of("y")).file();
    String settings = "{'kind':'onnx','inputs':{'x':{'type':'number'}},'rating':{'output':'y'}}";
    assertThatThrownBy(() -> load(range, settings))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("/inputs/x")
        .hasMessageContaining("a number without min or max");
    load(range, settings.replace("'number'", "'number','min':0,'max':100"));
  }

  private static void load(byte[] file, String settings) throws ModelException {
    OnnxSettings read = OnnxSettings.read(Models.json(settings));
    var _ = Columns.of(OnnxFile.read(file), read);
  }
}
