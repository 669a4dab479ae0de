package io.openclaw.pmml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.openclaw.rating.RatingModel;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class OtherModelsTest {
  private static final Offset<Double> NEAR = within(1e-12);

  private static RatingModel network(String attributes, String function) {
    return Pmml.load(
        Pmml.document(
            Pmml.numbers("x", "z", "y"),
            "<NeuralNetwork functionName='"
                + function
                + "' activationFunction='logistic' "
                + attributes
                + ">"
                + Pmml.schema("y", "x", "z")
                + "<NeuralInputs><NeuralInput id='0,0'><DerivedField optype='continuous'"
                + " dataType='double'><NormContinuous field='x'><LinearNorm orig='0' norm='0'/>"
                + "<LinearNorm orig='10' norm='1'/></NormContinuous></DerivedField></NeuralInput>"
                + "<NeuralInput id='0,1'><DerivedField optype='continuous' dataType='double'>"
                + "<FieldRef field='z'/></DerivedField></NeuralInput></NeuralInputs>"
                + "<NeuralLayer><Neuron id='1,0' bias='0.5'><Con from='0,0' weight='2'/>"
                + "<Con from='0,1' weight='-1'/></Neuron></NeuralLayer>"
                + "<NeuralLayer activationFunction='identity'><Neuron id='2,0' bias='0.1'>"
                + "<Con from='1,0' weight='3'/></Neuron></NeuralLayer>"
                + "<NeuralOutputs><NeuralOutput outputNeuron='2,0'><DerivedField"
                + " optype='continuous' dataType='double'><NormContinuous field='y'>"
                + "<LinearNorm orig='100' norm='0'/><LinearNorm orig='200' norm='1'/>"
                + "</NormContinuous></DerivedField></NeuralOutput></NeuralOutputs>"
                + "</NeuralNetwork>"));
  }

  @Test
  void a_network_feeds_forward_and_undoes_the_norm_of_its_target() {
    double hidden = 1 / (1 + Math.exp(-(0.5 + 2 * 0.4 - 1.5)));
    double out = 0.1 + 3 * hidden;
    assertThat(Pmml.number(network("", "regression"), "{'x':4,'z':1.5}", "y"))
        .isEqualTo(100 + 100 * out, within(1e-10));
    assertThat(Pmml.violations(network("", "regression"), "{'x':4}"))
        .extracting(v -> v.pointer())
        .containsExactly("/z");
  }

  @Test
  void a_network_of_categories_with_softmax() {
    StringBuilder neurons = new StringBuilder();
    StringBuilder outputs = new StringBuilder();
    for (int i = 0; i < 3; i++) {
      neurons.append(
          "<Neuron id='1," + i + "' bias='" + i + "'><Con from='0' weight='1'/></Neuron>");
      outputs.append(
          "<NeuralOutput outputNeuron='1,"
              + i
              + "'><DerivedField optype='categorical'"
              + " dataType='string'><NormDiscrete field='y' value='c"
              + i
              + "'/></DerivedField>"
              + "</NeuralOutput>");
    }
    RatingModel model =
        Pmml.load(
            Pmml.document(
                Pmml.numbers("x") + Pmml.strings("y", "c2", "c1", "c0"),
                "<NeuralNetwork functionName='classification' activationFunction='tanh'>"
                    + Pmml.schema("y", "x")
                    + "<NeuralInputs><NeuralInput id='0'><DerivedField optype='continuous'"
                    + " dataType='double'><FieldRef field='x'/></DerivedField></NeuralInput>"
                    + "</NeuralInputs><NeuralLayer activationFunction='identity'"
                    + " normalizationMethod='softmax'>"
                    + neurons
                    + "</NeuralLayer>"
                    + "<NeuralOutputs>"
                    + outputs
                    + "</NeuralOutputs></NeuralNetwork>"));
    double sum = 1 + Math.E + Math.E * Math.E;
    assertThat(Pmml.number(model, "{'x':7}", "probability(c1)")).isEqualTo(Math.E / sum, NEAR);
    assertThat(Pmml.text(model, "{'x':7}", "y")).isEqualTo("c2");
  }

  private static RatingModel clusters(String measure) {
    return Pmml.load(
        Pmml.document(
            Pmml.numbers("a", "b"),
            "<ClusteringModel functionName='clustering' modelClass='centerBased'"
                + " numberOfClusters='2'><MiningSchema><MiningField name='a'/>"
                + "<MiningField name='b'/></MiningSchema><Output>"
                + "<OutputField name='cluster' feature='predictedValue'/>"
                + "<OutputField name='shown' feature='predictedDisplayValue'/><OutputField name='near' feature='affinity'/>"
                + "<OutputField name='far' feature='clusterAffinity' value='B'/></Output>"
                + "<ComparisonMeasure kind='distance'>"
                + measure
                + "</ComparisonMeasure>"
                + "<ClusteringField field='a' compareFunction='absDiff'/>"
                + "<ClusteringField field='b' fieldWeight='2'/>"
                + "<Cluster id='A' name='first'><Array n='2' type='real'>0 0</Array></Cluster>"
                + "<Cluster id='B'><Array n='2' type='real'>10 10</Array></Cluster>"
                + "</ClusteringModel>"));
  }

  @Test
  void the_nearest_cluster() {
    RatingModel model = clusters("<euclidean/>");
    assertThat(Pmml.text(model, "{'a':3,'b':1}", "cluster")).isEqualTo("A");
    assertThat(Pmml.text(model, "{'a':3,'b':1}", "shown")).isEqualTo("first");
    assertThat(Pmml.text(model, "{'a':9,'b':9}", "shown")).isEqualTo("B");
    assertThat(Pmml.number(model, "{'a':3,'b':1}", "near")).isEqualTo(Math.sqrt(9 + 2), NEAR);
    assertThat(Pmml.number(model, "{'a':3,'b':1}", "far")).isEqualTo(Math.sqrt(49 + 162), NEAR);
    assertThat(Pmml.number(clusters("<squaredEuclidean/>"), "{'a':3,'b':1}", "near"))
        .isEqualTo(11, NEAR);
    assertThat(Pmml.number(clusters("<cityBlock/>"), "{'a':3,'b':1}", "near")).isEqualTo(5, NEAR);
    assertThat(Pmml.number(clusters("<chebychev/>"), "{'a':3,'b':1}", "near")).isEqualTo(3, NEAR);
    assertThat(Pmml.number(clusters("<minkowski p-parameter='3'/>"), "{'a':3,'b':1}", "near"))
        .isEqualTo(Math.cbrt(27 + 2), NEAR);
    assertThat(Pmml.number(model, "{'a':3}", "near"))
        .as("what is there weighs for what is not")
        .isEqualTo(Math.sqrt(2 * 9), NEAR);
  }

  private static RatingModel rules(String criterion) {
    return Pmml.load(
        Pmml.document(
            Pmml.numbers("x") + Pmml.strings("y", "a", "b", "c"),
            "<RuleSetModel functionName='classification'>"
                + Pmml.schema("y", "x")
                + "<RuleSet defaultScore='c' defaultConfidence='0.1'>"
                + "<RuleSelectionMethod criterion='"
                + criterion
                + "'/>"
                + "<SimpleRule id='R1' score='a' weight='0.5' confidence='0.9'>"
                + "<SimplePredicate field='x' operator='greaterThan' value='0'/></SimpleRule>"
                + "<CompoundRule><SimplePredicate field='x' operator='greaterThan' value='1'/>"
                + "<SimpleRule id='R2' score='b' weight='0.4' confidence='0.8'>"
                + "<SimplePredicate field='x' operator='lessThan' value='5'/></SimpleRule>"
                + "<SimpleRule id='R3' score='b' weight='0.6' confidence='0.7'><True/>"
                + "</SimpleRule></CompoundRule></RuleSet></RuleSetModel>"));
  }

  @Test
  void rules_by_first_hit_sum_and_highest_weight() {
    assertThat(Pmml.text(rules("firstHit"), "{'x':2}", "y")).isEqualTo("a");
    assertThat(Pmml.number(rules("firstHit"), "{'x':2}", "probability(a)")).isEqualTo(0.9);
    assertThat(Pmml.text(rules("firstHit"), "{'x':-2}", "y")).isEqualTo("c");
    assertThat(Pmml.text(rules("weightedMax"), "{'x':2}", "y")).isEqualTo("b");
    assertThat(Pmml.text(rules("weightedSum"), "{'x':2}", "y")).isEqualTo("b");
    assertThat(Pmml.number(rules("weightedSum"), "{'x':2}", "probability(b)"))
        .isEqualTo(1 / 1.5, NEAR);
    assertThat(Pmml.text(rules("weightedSum"), "{'x':0.5}", "y")).isEqualTo("a");
  }

  /** As R's exporter writes it: continuous inputs stand in extensions, and count. */
  @Test
  void a_naive_bayes_with_inputs_in_extensions() {
    String stats =
        "<Extension><BayesInput fieldName='x'><TargetValueStats>"
            + "<TargetValueStat value='a'><GaussianDistribution mean='0' variance='1'/>"
            + "</TargetValueStat><TargetValueStat value='b'>"
            + "<GaussianDistribution mean='1' variance='4'/></TargetValueStat></TargetValueStats>"
            + "</BayesInput></Extension>";
    String document =
        Pmml.document(
            Pmml.numbers("x") + Pmml.strings("y", "a", "b"),
            "<NaiveBayesModel functionName='classification' threshold='0.001'>"
                + Pmml.schema("y", "x")
                + "<BayesInputs>"
                + stats
                + "</BayesInputs>"
                + "<BayesOutput fieldName='y'><TargetValueCounts><TargetValueCount value='a'"
                + " count='1'/><TargetValueCount value='b' count='3'/></TargetValueCounts>"
                + "</BayesOutput></NaiveBayesModel>");
    double a = Math.exp(-0.125) / Math.sqrt(2 * Math.PI);
    double b = 3 * Math.exp(-0.25 / 8) / Math.sqrt(2 * Math.PI * 4);
    assertThat(Pmml.number(Pmml.load(document), "{'x':0.5}", "probability(a)"))
        .isEqualTo(a / (a + b), NEAR);
    Pmml.refuses(
        document.replace("<BayesOutput", "<Extension><BayesOutput/></Extension><BayesOutput"),
        "<BayesOutput> in an Extension");
  }

  private static RatingModel general(String attributes, String cells) {
    return Pmml.load(
        Pmml.document(
            Pmml.numbers("x", "n") + Pmml.strings("s", "u", "v") + Pmml.strings("y", "no", "yes"),
            "<GeneralRegressionModel "
                + attributes
                + ">"
                + Pmml.schema("y", "x", "s")
                + "<ParameterList><Parameter name='p0'/><Parameter name='p1'/>"
                + "<Parameter name='p2'/></ParameterList>"
                + "<FactorList><Predictor name='s'/></FactorList>"
                + "<CovariateList><Predictor name='x'/></CovariateList>"
                + "<PPMatrix><PPCell value='2' predictorName='x' parameterName='p1'/>"
                + "<PPCell value='v' predictorName='s' parameterName='p2'/>"
                + "<PPCell value='1' predictorName='x' parameterName='p2'/></PPMatrix>"
                + "<ParamMatrix>"
                + cells
                + "</ParamMatrix></GeneralRegressionModel>"));
  }

  private static String cells(String category) {
    return "<PCell "
        + category
        + " parameterName='p0' beta='0.5'/>"
        + "<PCell "
        + category
        + " parameterName='p1' beta='0.25'/>"
        + "<PCell "
        + category
        + " parameterName='p2' beta='-2'/>";
  }

  @Test
  void general_regression_of_numbers_and_categories() {
    double y = 0.5 + 0.25 * 9 - 2 * 3;
    RatingModel linear = general("functionName='regression' modelType='generalLinear'", cells(""));
    assertThat(Pmml.number(linear, "{'x':3,'s':'v'}", "y")).isEqualTo(y, NEAR);
    RatingModel log =
        general(
            "functionName='regression' modelType='generalizedLinear' linkFunction='log'",
            cells(""));
    assertThat(Pmml.number(log, "{'x':3,'s':'v'}", "y")).isEqualTo(Math.exp(y), NEAR);
    RatingModel logit =
        general(
            "functionName='classification' modelType='generalizedLinear' linkFunction='logit'",
            cells("targetCategory='yes'"));
    assertThat(Pmml.number(logit, "{'x':3,'s':'v'}", "probability(yes)"))
        .isEqualTo(1 / (1 + Math.exp(-y)), NEAR);
    RatingModel multinomial =
        general(
            "functionName='classification' modelType='multinomialLogistic'",
            cells("targetCategory='no'"));
    assertThat(Pmml.number(multinomial, "{'x':3,'s':'u'}", "probability(no)"))
        .isEqualTo(1 / (1 + Math.exp(-(0.5 + 0.25 * 9))), NEAR);
    Pmml.refuses(
        Pmml.document(
            Pmml.numbers("x", "y"),
            "<GeneralRegressionModel functionName='regression' modelType='CoxRegression'>"
                + Pmml.schema("y", "x")
                + "</GeneralRegressionModel>"),
        "modelType CoxRegression");
  }

  @Test
  void a_support_vector_regression() {
    RatingModel model =
        Pmml.load(
            Pmml.document(
                Pmml.numbers("a", "b", "y"),
                "<SupportVectorMachineModel functionName='regression'>"
                    + Pmml.schema("y", "a", "b")
                    + "<PolynomialKernelType gamma='0.5' coef0='1' degree='2'/>"
                    + "<VectorDictionary><VectorFields><FieldRef field='a'/><FieldRef field='b'/>"
                    + "</VectorFields><VectorInstance id='v'><Array type='real'>1 2</Array>"
                    + "</VectorInstance></VectorDictionary><SupportVectorMachine><SupportVectors>"
                    + "<SupportVector vectorId='v'/></SupportVectors>"
                    + "<Coefficients absoluteValue='3'><Coefficient value='-0.5'/></Coefficients>"
                    + "</SupportVectorMachine></SupportVectorMachineModel>"));
    assertThat(Pmml.number(model, "{'a':2,'b':1}", "y"))
        .isEqualTo(3 - 0.5 * Math.pow(0.5 * 4 + 1, 2), NEAR);
  }
}
