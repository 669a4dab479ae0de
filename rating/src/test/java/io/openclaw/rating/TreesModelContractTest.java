package io.openclaw.rating;

import io.openclaw.domain.Json;
import java.util.List;

class TreesModelContractTest extends RatingModelContract {
  @Override
  protected byte[] document() {
    return Examples.bytes("models/credit-g.trees.json");
  }

  @Override
  protected RatingModel model() {
    return Examples.load("trees", document());
  }

  @Override
  protected List<Json.Obj> valid() {
    return CreditG.applications();
  }

  @Override
  protected List<Json.Obj> invalid() {
    return List.of(
        Ratings.object("{'checking_status':'blue'}"),
        Ratings.object("{'checking_status':7,'duration':'long'}"),
        Ratings.object("{'housing':{'own':true}}"),
        Ratings.object("{}"));
  }

  @Override
  protected long stateOf(RatingModel model) {
    return 0;
  }
}
