"""The words of the default cast, made with Faker 40.54.0 by `make cast`; not to be edited."""

__all__ = ["NICKNAMES", "OWNERS", "STEMS", "TAGS", "WORDS"]

NICKNAMES = """
brenda danny michael debra cheyenne amanda maria charlene tara lisa joseph kimberly sierra christine robert gregory
melanie alfred linda adam bradley anthony deanna anna timothy savannah thomas jamie wendy daniel brandon jeffrey tiffany
mike mitchell katelyn dana joshua james walter allison samantha emily danielle andrew robin melissa charles christopher
emma elizabeth vicki corey ashley mark scott katie kelli albert amy kenneth caroline william jason jared brooke destiny
carmen tyrone ryan misty michelle rachel sherry jacqueline justin kevin richard antonio samuel jesse karla denise leslie
jennifer ricky eric tammy caitlin diana chelsea crystal adrian cameron steven alexander mary billy paul derrick
"""

OWNERS = """
washingtonjose thomasbrenda luis04 upham ilozano leeangela elizabeth91 frogers lauren47 camposjaclyn connor09
mariadurham mcantu schultzjohn ltorres davisnicole darrylbates jennifer67 devinclark lopezgary angela99 nicholas86
david70 rodneyfrancis cdavis lindadavis ywest blackthomas mshepard shannon20 medinajohn jacob87 sara46 rsalazar fdouglas
jennifercrawford qmorris taraleblanc rbenson debbie72 anita97 whitechelsea flemingnathan dcastaneda ericadams
hendersonkimberly ojones watsonsuzanne catherinethomas kleinbrandon eford milesdavid martincrystal rebecca77
moodyderrick reginaalexander rwest emarquez tiffany45 millermichele joshua76 cweeks wrightcassandra amandajohnson
matthewjohnson jackiecooper mooreemma dpayne ifowler belltiffany aliciahernandez joanne89 ohogan robertmartin victoria89
hartmanashley kathleenwyatt hsmith jenniferbrewer joseph22 hannahtaylor brownbill wilsonjennifer nunezcaitlin
danielskristin kathrynwatts christopher19 jacksondonna rubiojacqueline brendangillespie scurtis scott38 joshuasmith
kimberly19 coxhayley stacyjohnson ryan05 anthonyrogers qsmith byrdchristina davidbarnes johnalvarado oelliott qmcfarland
kerryjohnson lgarcia vaughanlisa davidwatkins htucker plewis dmoore morganjohnathan justinchapman jeffrey42
russellchristine saradavis wjenkins aprilfinley vmorse pcamacho greenblake lorihunter millermarissa robinsonmatthew
gregorywhite michelestevenson udean stanleylara jessica54 hillaaron castillocrystal bryan41 vpeck mclaughlinmichele
marissathomas ymanning bautistapamela dalegriffin orozcosherri erikacastillo mendozareginald laurahays samuelscott
kelly47 masonjohn roselisa george05 trevinoashley ericbrown jacqueline53 brookedavis barbara52 oglass jcruz david16
richardschristine oadams olsondawn adriana54 gcurry kkemp bruce85 millerdaniel fjordan ginabell adamskyle tpowell
yangjustin qgriffin john00 yhernandez danielle01 laura28 johnsonjonathan chadhill pamelahernandez mcguirebrooke eroach
nhayes llee walkerlynn wwalker pelliott brittany93 jillianrussell vmcgrath hullaustin michael74 xbennett brandy06
kevinlawrence dallen michaelpatterson eowen freynolds garrisondaniel castillodana greertiffany whitney22 zschmidt
"""

STEMS = """
kid plane mother aspect spray bag morning airport resource driver imagination revolution piano bell number grass
computer base reception article policy principle thanks action meeting union improvement draft hair family power
associate wing process editor quarter peace water impact celebration membership path package growth birthday source
sound comfort solution mind obligation shape minute sun soil project bone benefit tip living gonzalez-pipe wiggins-sport
miller-plastic dixon-instance miller-emphasis moore-power wilkins-post smith-marketing martinez-literature mcgrath-board
jackson-wedding walker-memory matthews-theory vaughn-medium curtis-commission jones-media hardy-resident hopkins-airline
velez-contest ramirez-joint moon-smoke schultz-people fields-purpose carter-way lewis-recommendation anderson-map
carroll-club kelly-pride harris-exit fields-account miranda-storage lee-employment ellis-suit wilson-animal hull-day
smith-key warner-accident smith-knowledge cervantes-step jones-chemistry hernandez-access fitzgerald-book walker-address
moreno-focus moyer-teacher carrillo-situation allen-preparation dudley-street medina-joint cook-leather
bradford-homework hill-month robinson-face oconnell-background bailey-credit padilla-designer lewis-contract
edwards-possibility hale-writer moore-error
"""

TAGS = """
tax crack family house priority sport screen effort stroke summer engineering people place rent salad sister unit agent
quality button frame independence dot factor disease success proposal youth load end space signature card conversation
base result intention hearing opportunity difficulty code disk highway association sock freedom damage club schedule
breakfast garden candle while storm gold choice background experience combination estate
"""

WORDS = """
medical pass else its ready month add level trouble long skill onto reflect tough west alone throughout sort region
camera whether yes good across official former training oil second marriage management successful energy author kid
visit information adult manager stop charge make around ability by tell benefit available compare dinner defense
necessary day minute prove enjoy between phone table much sometimes then owner practice rather tv summer themselves
reason her can type boy pretty many age true go property reveal easy say crime school break spring operation she sense
what me establish size write war talk set drop physical play travel trade general thus black different lay amount green
often wide beat campaign call have capital blue understand huge pressure
"""
