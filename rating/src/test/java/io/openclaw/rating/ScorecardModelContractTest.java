package io.openclaw.rating;

import io.openclaw.domain.Json;
import java.util.List;

class ScorecardModelContractTest extends RatingModelContract {
  @Override
  byte[] document() {
    return CreditG.scorecard();
  }

  @Override
  RatingModel model() {
    try {
      return ScorecardModel.load("m", "v7", document());
    } catch (ModelException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  List<Json.Obj> valid() {
    return CreditG.applications();
  }

  @Override
  List<Json.Obj> invalid() {
    return List.of(
        Ratings.object("{'checking_status':'blue'}"),
        Ratings.object("{'checking_status':7,'duration':'long'}"),
        Ratings.object("{'housing':{'own':true}}"),
        Ratings.object("{'housing':[]}"));
  }

  @Override
  long stateOf(RatingModel model) {
    return 0;
  }
}
