package io.openclaw.rating;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.openclaw.domain.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

class ChainModelContractTest extends RatingModelContract {
  @Override
  protected byte[] document() {
    String policy =
        "{'kind':'regression','inputs':{'age':{'type':'integer','min':18}},'intercept':0,"
            + "'terms':[{'field':'age','coefficient':1}]}";
    String scorecard = new String(CreditG.scorecard(), UTF_8);
    return (policy("{'kind':'chain','stages':[{'name':'policy','model':" + policy)
            + policy(",'answerIf':{'lt':21}},{'name':'card','model':")
            + scorecard
            + "}]}")
        .getBytes(UTF_8);
  }

  private static String policy(String text) {
    return text.replace('\'', '"');
  }

  @Override
  protected RatingModel model() {
    return Examples.load("chain", document());
  }

  @Override
  protected List<Json.Obj> valid() {
    List<Json.Obj> valid = new ArrayList<>();
    for (Json.Obj each : CreditG.applications().subList(0, 200)) {
      Map<String, Json> members = new LinkedHashMap<>(each.members());
      valid.add(new Json.Obj(members));
    }
    return valid;
  }

  @Override
  protected List<Json.Obj> invalid() {
    return List.of(
        Ratings.object("{'age':30,'checking_status':'blue'}"),
        Ratings.object("{'age':3,'checking_status':7,'duration':'long'}"),
        Ratings.object("{'age':'x','housing':{'own':true}}"),
        Ratings.object("{}"));
  }

  @Override
  protected long stateOf(RatingModel model) {
    return 0;
  }
}
