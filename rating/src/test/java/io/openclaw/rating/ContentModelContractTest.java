package io.openclaw.rating;

import io.openclaw.domain.Json;
import java.util.List;

class ContentModelContractTest extends RatingModelContract {
  @Override
  protected byte[] document() {
    return Examples.bytes("models/content.json");
  }

  @Override
  protected RatingModel model() {
    return Examples.load("content", document());
  }

  @Override
  protected List<Json.Obj> valid() {
    return Examples.texts();
  }

  @Override
  protected List<Json.Obj> invalid() {
    return List.of(
        Ratings.object("{'content':7}"),
        Ratings.object("{'content':null}"),
        Ratings.object("{'content':['a']}"),
        Examples.text("a".repeat(10_001)),
        Ratings.object("{}"));
  }

  @Override
  protected long stateOf(RatingModel model) {
    return 0;
  }
}
