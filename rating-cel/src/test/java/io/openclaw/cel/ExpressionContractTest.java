package io.openclaw.cel;

import io.openclaw.domain.Json;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.ModelSource;
import io.openclaw.rating.RatingModel;
import io.openclaw.rating.RatingModelContract;
import io.openclaw.rating.Ratings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

class ExpressionContractTest extends RatingModelContract {
  static final Path POLICY = Path.of("..", "examples", "expression", "policy.expression.json");

  @Override
  protected byte[] document() {
    try {
      return Files.readAllBytes(POLICY);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  protected RatingModel model() {
    try {
      return new CelKind().load(new ModelSource("m", "v7", document()));
    } catch (ModelException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  protected List<Json.Obj> valid() {
    try {
      return new CelKind().samples(document());
    } catch (ModelException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  protected List<Json.Obj> invalid() {
    return List.of(
        Ratings.object("{'duration': 6}"),
        Ratings.object(
            "{'duration':6.5,'credit_amount':'x','employment':7,'installment_commitment':9,"
                + "'age':1,'existing_credits':[]}"));
  }

  @Override
  protected long stateOf(RatingModel model) {
    return 0;
  }
}
