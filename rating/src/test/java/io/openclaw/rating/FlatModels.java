package io.openclaw.rating;

/** Small good documents of each kind that is JSON and nothing else; single quotes for double. */
final class FlatModels {
  static final String REGRESSION =
      """
      {'kind':'regression','name':'n','description':'d',
       'inputs':{'age':{'type':'integer','min':18,'max':120},
        'income':{'type':'number','required':false},
        'purpose':{'type':'string','values':['car','tv','other'],'required':false},
        'owner':{'type':'boolean'}},
       'link':'logit','intercept':-1,
       'terms':[{'field':'age','coefficient':0.5,'power':2,'baseline':20},
        {'field':'income','coefficient':0.25,'missing':8,'baseline':8},
        {'field':'purpose','values':{'car':1,'tv':-2},'otherwise':0.5,'missing':-1,'baseline':'car'},
        {'fields':['age','owner'],'coefficient':2,'baseline':0}],
       'scale':{'of':'log-odds','factor':10,'offset':100,'min':0,'max':100000,'digits':1},
       'reasons':{'limit':2,'texts':{'age':'Age'}},
       'samples':[{'age':30,'owner':true}]}
      """;

  static final String TREES =
      """
      {'kind':'trees','name':'n','description':'d',
       'inputs':{'age':{'type':'number'},
        'purpose':{'type':'string','values':['car','tv','other'],'required':false},
        'owner':{'type':'boolean'}},
       'aggregate':'sum','base':10,'link':'identity',
       'trees':[{'field':'age','lt':30,'yes':{'leaf':1,'weight':3},
         'no':{'field':'purpose','in':['car','tv'],'missing':'no','yes':{'leaf':5},'no':{'leaf':9}}},
        {'field':'owner','eq':true,'yes':{'leaf':2},'no':{'leaf':-2},'value':0.5},
        {'leaf':0.25}],
       'scale':{'digits':2},'reasons':{'limit':3},'samples':[{'age':1,'owner':false}]}
      """;

  static final String CONTENT =
      """
      {'kind':'content','name':'n','description':'d','lengthMax':100,'hashBits':8,'ngrams':2,
       'bias':0.5,'weightScale':0.1,'weights':'%s','link':'logit',
       'scale':{'factor':100,'digits':1},'reasons':{'limit':2,'text':'t','words':['bad','good']},
       'samples':[{'content':'a good text'}]}
      """
          .formatted(java.util.Base64.getEncoder().encodeToString(weights()));

  static final String CHAIN =
      """
      {'kind':'chain','name':'n','description':'d',
       'stages':[{'name':'policy','model':%s,'answerIf':{'gte':100,'lt':200},'pass':{'score':'prior'},
         'onFailure':'next'},
        {'name':'second','deadlineMillis':50,'onFailure':'next','model':
         {'kind':'regression','inputs':{'prior':{'type':'number','required':false},'x':{'type':'number'}},
          'intercept':0,'terms':[{'field':'prior','coefficient':1,'missing':-1},
           {'field':'x','coefficient':1000}]}}],
       'fallback':{'rating':7,'reasons':[{'code':'F','text':'f','points':1.5}]},
       'samples':[{'x':1}]}
      """
          .formatted(
              "{'kind':'regression','inputs':{'x':{'type':'number','max':1000}},'intercept':1,"
                  + "'terms':[{'field':'x','coefficient':1}]}");

  private FlatModels() {}

  /** All words weigh nothing but two. */
  private static byte[] weights() {
    byte[] weights = new byte[256];
    weights[Words.of("bad").bucket(0, 8)] = -60;
    weights[Words.of("good").bucket(0, 8)] = 40;
    return weights;
  }

  static RatingModel load(String json) {
    byte[] bytes = Ratings.bytes(json);
    String kind = json.replaceAll("(?s)^\\s*\\{'kind':'(\\w+)'.*", "$1");
    return Examples.load(kind, bytes);
  }
}
