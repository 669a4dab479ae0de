package io.openclaw.onnx;

import io.openclaw.domain.Json;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.RatingModel;
import io.openclaw.rating.RatingModelContract;
import io.openclaw.rating.Ratings;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;

class OnnxContractTest extends RatingModelContract {
  private static final OnnxKind KIND = new OnnxKind();

  @Override
  protected byte[] document() {
    try {
      return Files.readAllBytes(Models.EXAMPLES.resolve("logistic.onnx"));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  protected RatingModel model() {
    try {
      return Models.load(KIND, document());
    } catch (ModelException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  protected List<Json.Obj> valid() {
    try {
      return KIND.samples(document());
    } catch (ModelException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  protected List<Json.Obj> invalid() {
    return List.of(
        Ratings.object("{'age': 3}"),
        Ratings.object("{'age': 30, 'amount': 'x', 'purpose': 'boat'}"));
  }

  @Override
  protected long stateOf(RatingModel model) {
    return 0;
  }
}
