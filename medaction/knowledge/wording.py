"""Words that clinicians exchange freely, in folded form (American spelling, singular). Data, not code: add here."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _pairs(text: str) -> dict[str, str]:
    halves = (pair.split("=") for pair in text.split(";"))
    return {short.strip(): long.strip() for short, long in halves}


# Left out when names are compared as bags of words.
FILLER_WORDS = _words("of the a an in to and by on for level concentration circulating serum")

# One word for each meaning; the organ's noun for its adjective.
SAME_WORDS = _pairs("""
    carcinoma = cancer; tumor = neoplasm; hemorrhage = bleeding; infarct = infarction; elevated = high; raized = high;
    increased = high; decreased = low; reduced = low; calculus = stone; calculi = stone; enlarged = enlargement;
    swollen = swelling; painful = pain; tender = tenderness; difficulty = trouble; renal = kidney; hepatic = liver;
    pulmonary = lung; gastric = stomach; pancreatic = pancrea; ovarian = ovary; testicular = testis;
    prostatic = prostate; colonic = colon; esophageal = esophagus; splenic = spleen; cutaneous = skin; dermal = skin;
    uterine = uterus; cardiac = heart; cerebral = brain; duodenal = duodenum; vesical = bladder; biliary = bile;
    urinary = urine; vaginal = vagina; nasal = nose; ocular = eye; oral = mouth; lingual = tongue; dental = tooth;
    embolus = embolism; emboli = embolism; thrombus = thrombosis; intoxication = poisoning; overdose = poisoning;
    toxicity = poisoning
""")

# Set aside with a note, the meaning kept.
SIDES = _words("left right bilateral unilateral both sided")
SEVERITIES = _words("mild moderate severe marked slight significant mildly severely extreme")
DOUBTS = _words("possible probable likely suspected presumed query provisional confirmed")
EMPTY_WORDS = _words("unspecified disorder clinical patient the a an finding")

# Set aside with a note, and the link graded broader: they name a narrower disease.
COURSES = _words("""
    acute chronic subacute recurrent primary secondary idiopathic congenital acquired familial hereditary sporadic early
    late advanced metastatic uncomplicated complicated relapsing refractory progressive classic typical atypical new
    newly diagnosed onset decompensated exacerbation active generalized localized diffuse focal isolated simple adult
    juvenile infantile pediatric neonatal symptomatic asymptomatic untreated poorly controlled uncontrolled persistent
    transient intermittent bacterial viral inherited
""")

# Whole words written short inside a longer name.
SHORT_WORDS = _pairs("""
    staph = staphylococcus; strep = streptococcus; c diff = clostridioide difficile;
    c difficile = clostridioide difficile; clostridium difficile = clostridioide difficile;
    h pylori = helicobacter pylori;
    e coli = escherichia coli; s aureus = staphylococcus aureus; tb = tuberculosis; ca = cancer; htn = hypertension;
    dm = diabete mellitus; t1dm = type 1 diabete mellitus; t2dm = type 2 diabete mellitus; abd = abdominal;
    ckd = chronic kidney disease; resp = respiratory; lv = left ventricular; rv = right ventricular;
    wbc = white cell count; hb = hemoglobin; bp = blood pressure; cxr = chest x ray; lft = liver function test;
    uti = urinary tract infection; uri = upper respiratory infection; gi = gastrointestinal
""")

# At the end of a name they add nothing: "chronic hepatitis B infection", "bipolar disorder, manic episode".
TAILS = ("infection", "disease", "episode", "attack", "illness")

# Where a name's head ends and its cause or circumstance begins.
HEAD_ENDS = (
    *("due to", "secondary to", "caused by", "because of", "complicated by", "associated with", "complicating", "with"),
    *("without", "following", "in setting of", "in the setting of", "from", "after", "during", "presenting a", "vs"),
)

# Too general to be a contained mention by themselves.
GENERIC = _words("""
    disease syndrome infection failure deficiency cancer neoplasm tumor carcinoma disorder injury lesion mass pain
    abnormality condition inflammation reaction poisoning attack obstruction stenosis ulcer abscess fracture stroke
    shock allergy anemia death cyst fever rash weakness toxicity bleeding hemorrhage tear block enlargement swelling
    colic hernia myalgia
""")
