package io.openclaw.pmml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.openclaw.rating.ModelException;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The changes kept for leaves against going down the trees. */
class LeafChangesTest {
  @Test
  void leaves_tell_what_their_paths_change() throws ModelException {
    for (int seed = 0; seed < 5; seed++) {
      RandomForests forests = new RandomForests(new SplittableRandom(seed), 5);
      byte[] bytes = Pmml.bytes(forests.boosted(12, 4));
      PmmlDocument document = PmmlDocument.read(bytes);
      ForestBody forest = (ForestBody) document.model().body();
      assertThat(forest.hasLeafChanges()).isTrue();
      Program program = document.program();
      Inputs inputs = new Inputs(document);
      for (int i = 0; i < 100; i++) {
        Frame f = program.frame();
        var _ = inputs.fill(Pmml.input(forests.input(i % 2 == 0)), f);
        program.run(f);
        double[] kept = new double[program.template().length];
        double[] walked = new double[kept.length];
        forest.contribute(f, -1, 2, kept);
        forest.contributeByWalking(f, 2, walked);
        double sum = 0;
        for (int at = 0; at < kept.length; at++) {
          assertThat(kept[at]).as("seed " + seed).isEqualTo(walked[at], within(1e-12));
          sum += Math.abs(kept[at]);
        }
        assertThat(sum).isPositive();
      }
    }
  }

  @Test
  void a_leaf_on_several_paths_is_found_and_walked_to() throws ModelException {
    String document =
        MiningTest.boosted("", "")
            .replace(
                "noTrueChildStrategy",
                "missingValueStrategy=\"lastPrediction\" noTrueChildStrategy")
            .replace(
                "<SimplePredicate field=\"s\" operator=\"equal\" value=\"t\"/>",
                "<CompoundPredicate booleanOperator=\"or\"><SimplePredicate field=\"s\""
                    + " operator=\"equal\" value=\"t\"/><SimplePredicate field=\"float(x)\""
                    + " operator=\"greaterThan\" value=\"0\"/></CompoundPredicate>");
    var model = Pmml.load(document);
    assertThat(Pmml.rate(model, "{'x':1.2,'s':'t'}").reasons()).isNotEmpty();
  }
}
