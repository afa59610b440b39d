#include "ingest/format/entities.h"

#define NAME_BYTES 10

struct entity {
    char name[NAME_BYTES]; /* padded with zeros */
    uint16_t character;
};

/* Those that may lack their semicolon; both tables in the order of memcmp. */
static const struct entity old_names[] = {
    {"AElig", 0xC6},  {"AMP", 0x26},    {"Aacute", 0xC1}, {"Acirc", 0xC2},
    {"Agrave", 0xC0}, {"Aring", 0xC5},  {"Atilde", 0xC3}, {"Auml", 0xC4},
    {"COPY", 0xA9},   {"Ccedil", 0xC7}, {"ETH", 0xD0},    {"Eacute", 0xC9},
    {"Ecirc", 0xCA},  {"Egrave", 0xC8}, {"Euml", 0xCB},   {"GT", 0x3E},
    {"Iacute", 0xCD}, {"Icirc", 0xCE},  {"Igrave", 0xCC}, {"Iuml", 0xCF},
    {"LT", 0x3C},     {"Ntilde", 0xD1}, {"Oacute", 0xD3}, {"Ocirc", 0xD4},
    {"Ograve", 0xD2}, {"Oslash", 0xD8}, {"Otilde", 0xD5}, {"Ouml", 0xD6},
    {"QUOT", 0x22},   {"REG", 0xAE},    {"THORN", 0xDE},  {"Uacute", 0xDA},
    {"Ucirc", 0xDB},  {"Ugrave", 0xD9}, {"Uuml", 0xDC},   {"Yacute", 0xDD},
    {"aacute", 0xE1}, {"acirc", 0xE2},  {"acute", 0xB4},  {"aelig", 0xE6},
    {"agrave", 0xE0}, {"amp", 0x26},    {"aring", 0xE5},  {"atilde", 0xE3},
    {"auml", 0xE4},   {"brvbar", 0xA6}, {"ccedil", 0xE7}, {"cedil", 0xB8},
    {"cent", 0xA2},   {"copy", 0xA9},   {"curren", 0xA4}, {"deg", 0xB0},
    {"divide", 0xF7}, {"eacute", 0xE9}, {"ecirc", 0xEA},  {"egrave", 0xE8},
    {"eth", 0xF0},    {"euml", 0xEB},   {"frac12", 0xBD}, {"frac14", 0xBC},
    {"frac34", 0xBE}, {"gt", 0x3E},     {"iacute", 0xED}, {"icirc", 0xEE},
    {"iexcl", 0xA1},  {"igrave", 0xEC}, {"iquest", 0xBF}, {"iuml", 0xEF},
    {"laquo", 0xAB},  {"lt", 0x3C},     {"macr", 0xAF},   {"micro", 0xB5},
    {"middot", 0xB7}, {"nbsp", 0xA0},   {"not", 0xAC},    {"ntilde", 0xF1},
    {"oacute", 0xF3}, {"ocirc", 0xF4},  {"ograve", 0xF2}, {"ordf", 0xAA},
    {"ordm", 0xBA},   {"oslash", 0xF8}, {"otilde", 0xF5}, {"ouml", 0xF6},
    {"para", 0xB6},   {"plusmn", 0xB1}, {"pound", 0xA3},  {"quot", 0x22},
    {"raquo", 0xBB},  {"reg", 0xAE},    {"sect", 0xA7},   {"shy", 0xAD},
    {"sup1", 0xB9},   {"sup2", 0xB2},   {"sup3", 0xB3},   {"szlig", 0xDF},
    {"thorn", 0xFE},  {"times", 0xD7},  {"uacute", 0xFA}, {"ucirc", 0xFB},
    {"ugrave", 0xF9}, {"uml", 0xA8},    {"uuml", 0xFC},   {"yacute", 0xFD},
    {"yen", 0xA5},    {"yuml", 0xFF}};

static const struct entity names[] = {
    {"Abreve", 0x102},     {"Acy", 0x410},       {"Alpha", 0x391},
    {"Amacr", 0x100},      {"Aogon", 0x104},     {"Bcy", 0x411},
    {"Beta", 0x392},       {"Breve", 0x2D8},     {"Bscr", 0x212C},
    {"CHcy", 0x427},       {"Cacute", 0x106},    {"Cayleys", 0x212D},
    {"Ccaron", 0x10C},     {"Ccirc", 0x108},     {"Cdot", 0x10A},
    {"Cedilla", 0xB8},     {"CenterDot", 0xB7},  {"Cfr", 0x212D},
    {"Chi", 0x3A7},        {"Copf", 0x2102},     {"DD", 0x2145},
    {"DJcy", 0x402},       {"DScy", 0x405},      {"DZcy", 0x40F},
    {"Dagger", 0x2021},    {"Dcaron", 0x10E},    {"Dcy", 0x414},
    {"Delta", 0x394},      {"Dot", 0xA8},        {"DoubleDot", 0xA8},
    {"DownBreve", 0x311},  {"Dstrok", 0x110},    {"ENG", 0x14A},
    {"Ecaron", 0x11A},     {"Ecy", 0x42D},       {"Edot", 0x116},
    {"Emacr", 0x112},      {"Eogon", 0x118},     {"Epsilon", 0x395},
    {"Escr", 0x2130},      {"Eta", 0x397},       {"Fcy", 0x424},
    {"Fscr", 0x2131},      {"GJcy", 0x403},      {"Gamma", 0x393},
    {"Gammad", 0x3DC},     {"Gbreve", 0x11E},    {"Gcedil", 0x122},
    {"Gcirc", 0x11C},      {"Gcy", 0x413},       {"Gdot", 0x120},
    {"HARDcy", 0x42A},     {"Hacek", 0x2C7},     {"Hat", 0x5E},
    {"Hcirc", 0x124},      {"Hfr", 0x210C},      {"Hopf", 0x210D},
    {"Hscr", 0x210B},      {"Hstrok", 0x126},    {"IEcy", 0x415},
    {"IJlig", 0x132},      {"IOcy", 0x401},      {"Icy", 0x418},
    {"Idot", 0x130},       {"Ifr", 0x2111},      {"Im", 0x2111},
    {"Imacr", 0x12A},      {"Iogon", 0x12E},     {"Iota", 0x399},
    {"Iscr", 0x2110},      {"Itilde", 0x128},    {"Iukcy", 0x406},
    {"Jcirc", 0x134},      {"Jcy", 0x419},       {"Jsercy", 0x408},
    {"Jukcy", 0x404},      {"KHcy", 0x425},      {"KJcy", 0x40C},
    {"Kappa", 0x39A},      {"Kcedil", 0x136},    {"Kcy", 0x41A},
    {"LJcy", 0x409},       {"Lacute", 0x139},    {"Lambda", 0x39B},
    {"Lcaron", 0x13D},     {"Lcedil", 0x13B},    {"Lcy", 0x41B},
    {"Lmidot", 0x13F},     {"Lscr", 0x2112},     {"Lstrok", 0x141},
    {"Mcy", 0x41C},        {"Mscr", 0x2133},     {"Mu", 0x39C},
    {"NJcy", 0x40A},       {"Nacute", 0x143},    {"Ncaron", 0x147},
    {"Ncedil", 0x145},     {"Ncy", 0x41D},       {"NewLine", 0xA},
    {"NoBreak", 0x2060},   {"Nopf", 0x2115},     {"Nu", 0x39D},
    {"OElig", 0x152},      {"Ocy", 0x41E},       {"Odblac", 0x150},
    {"Omacr", 0x14C},      {"Omega", 0x3A9},     {"Omicron", 0x39F},
    {"OverBar", 0x203E},   {"Pcy", 0x41F},       {"Phi", 0x3A6},
    {"Pi", 0x3A0},         {"PlusMinus", 0xB1},  {"Popf", 0x2119},
    {"Prime", 0x2033},     {"Psi", 0x3A8},       {"Qopf", 0x211A},
    {"Racute", 0x154},     {"Rcaron", 0x158},    {"Rcedil", 0x156},
    {"Rcy", 0x420},        {"Re", 0x211C},       {"Rfr", 0x211C},
    {"Rho", 0x3A1},        {"Ropf", 0x211D},     {"Rscr", 0x211B},
    {"SHCHcy", 0x429},     {"SHcy", 0x428},      {"SOFTcy", 0x42C},
    {"Sacute", 0x15A},     {"Scaron", 0x160},    {"Scedil", 0x15E},
    {"Scirc", 0x15C},      {"Scy", 0x421},       {"Sigma", 0x3A3},
    {"Square", 0x25A1},    {"TRADE", 0x2122},    {"TSHcy", 0x40B},
    {"TScy", 0x426},       {"Tab", 0x9},         {"Tau", 0x3A4},
    {"Tcaron", 0x164},     {"Tcedil", 0x162},    {"Tcy", 0x422},
    {"Theta", 0x398},      {"Tstrok", 0x166},    {"Ubrcy", 0x40E},
    {"Ubreve", 0x16C},     {"Ucy", 0x423},       {"Udblac", 0x170},
    {"Umacr", 0x16A},      {"UnderBar", 0x5F},   {"Uogon", 0x172},
    {"Upsi", 0x3D2},       {"Upsilon", 0x3A5},   {"Uring", 0x16E},
    {"Utilde", 0x168},     {"Vcy", 0x412},       {"Verbar", 0x2016},
    {"Vert", 0x2016},      {"Wcirc", 0x174},     {"Xi", 0x39E},
    {"YAcy", 0x42F},       {"YIcy", 0x407},      {"YUcy", 0x42E},
    {"Ycirc", 0x176},      {"Ycy", 0x42B},       {"Yuml", 0x178},
    {"ZHcy", 0x416},       {"Zacute", 0x179},    {"Zcaron", 0x17D},
    {"Zcy", 0x417},        {"Zdot", 0x17B},      {"Zeta", 0x396},
    {"Zfr", 0x2128},       {"Zopf", 0x2124},     {"abreve", 0x103},
    {"acy", 0x430},        {"af", 0x2061},       {"alefsym", 0x2135},
    {"aleph", 0x2135},     {"alpha", 0x3B1},     {"amacr", 0x101},
    {"and", 0x2227},       {"ang", 0x2220},      {"angst", 0xC5},
    {"aogon", 0x105},      {"apos", 0x27},       {"ast", 0x2A},
    {"asymp", 0x2248},     {"bcy", 0x431},       {"bdquo", 0x201E},
    {"bepsi", 0x3F6},      {"bernou", 0x212C},   {"beta", 0x3B2},
    {"beth", 0x2136},      {"bigstar", 0x2605},  {"bprime", 0x2035},
    {"breve", 0x2D8},      {"bsemi", 0x204F},    {"bsol", 0x5C},
    {"bull", 0x2022},      {"bullet", 0x2022},   {"cacute", 0x107},
    {"cap", 0x2229},       {"caret", 0x2041},    {"caron", 0x2C7},
    {"ccaron", 0x10D},     {"ccirc", 0x109},     {"cdot", 0x10B},
    {"centerdot", 0xB7},   {"chcy", 0x447},      {"check", 0x2713},
    {"checkmark", 0x2713}, {"chi", 0x3C7},       {"cir", 0x25CB},
    {"circ", 0x2C6},       {"circledR", 0xAE},   {"clubs", 0x2663},
    {"colon", 0x3A},       {"comma", 0x2C},      {"commat", 0x40},
    {"cong", 0x2245},      {"copysr", 0x2117},   {"crarr", 0x21B5},
    {"cross", 0x2717},     {"cup", 0x222A},      {"dArr", 0x21D3},
    {"dagger", 0x2020},    {"daleth", 0x2138},   {"darr", 0x2193},
    {"dash", 0x2010},      {"dblac", 0x2DD},     {"dcaron", 0x10F},
    {"dcy", 0x434},        {"dd", 0x2146},       {"ddagger", 0x2021},
    {"delta", 0x3B4},      {"diams", 0x2666},    {"die", 0xA8},
    {"digamma", 0x3DD},    {"div", 0xF7},        {"djcy", 0x452},
    {"dollar", 0x24},      {"dot", 0x2D9},       {"dscy", 0x455},
    {"dstrok", 0x111},     {"dzcy", 0x45F},      {"ecaron", 0x11B},
    {"ecy", 0x44D},        {"edot", 0x117},      {"ee", 0x2147},
    {"ell", 0x2113},       {"emacr", 0x113},     {"empty", 0x2205},
    {"emsp", 0x2003},      {"emsp13", 0x2004},   {"emsp14", 0x2005},
    {"eng", 0x14B},        {"ensp", 0x2002},     {"eogon", 0x119},
    {"epsi", 0x3B5},       {"epsilon", 0x3B5},   {"epsiv", 0x3F5},
    {"equals", 0x3D},      {"equiv", 0x2261},    {"escr", 0x212F},
    {"eta", 0x3B7},        {"euro", 0x20AC},     {"excl", 0x21},
    {"exist", 0x2203},     {"fcy", 0x444},       {"female", 0x2640},
    {"ffilig", 0xFB03},    {"fflig", 0xFB00},    {"ffllig", 0xFB04},
    {"filig", 0xFB01},     {"flat", 0x266D},     {"fllig", 0xFB02},
    {"fnof", 0x192},       {"forall", 0x2200},   {"frac13", 0x2153},
    {"frac15", 0x2155},    {"frac16", 0x2159},   {"frac18", 0x215B},
    {"frac23", 0x2154},    {"frac25", 0x2156},   {"frac35", 0x2157},
    {"frac38", 0x215C},    {"frac45", 0x2158},   {"frac56", 0x215A},
    {"frac58", 0x215D},    {"frac78", 0x215E},   {"frasl", 0x2044},
    {"gacute", 0x1F5},     {"gamma", 0x3B3},     {"gammad", 0x3DD},
    {"gbreve", 0x11F},     {"gcirc", 0x11D},     {"gcy", 0x433},
    {"gdot", 0x121},       {"ge", 0x2265},       {"gimel", 0x2137},
    {"gjcy", 0x453},       {"grave", 0x60},      {"gscr", 0x210A},
    {"hArr", 0x21D4},      {"hairsp", 0x200A},   {"half", 0xBD},
    {"hamilt", 0x210B},    {"hardcy", 0x44A},    {"harr", 0x2194},
    {"hbar", 0x210F},      {"hcirc", 0x125},     {"hearts", 0x2665},
    {"hellip", 0x2026},    {"horbar", 0x2015},   {"hslash", 0x210F},
    {"hstrok", 0x127},     {"hybull", 0x2043},   {"hyphen", 0x2010},
    {"ic", 0x2063},        {"icy", 0x438},       {"iecy", 0x435},
    {"ii", 0x2148},        {"iiota", 0x2129},    {"ijlig", 0x133},
    {"imacr", 0x12B},      {"image", 0x2111},    {"imagline", 0x2110},
    {"imagpart", 0x2111},  {"imath", 0x131},     {"imped", 0x1B5},
    {"incare", 0x2105},    {"infin", 0x221E},    {"inodot", 0x131},
    {"int", 0x222B},       {"integers", 0x2124}, {"iocy", 0x451},
    {"iogon", 0x12F},      {"iota", 0x3B9},      {"isin", 0x2208},
    {"it", 0x2062},        {"itilde", 0x129},    {"iukcy", 0x456},
    {"jcirc", 0x135},      {"jcy", 0x439},       {"jmath", 0x237},
    {"jsercy", 0x458},     {"jukcy", 0x454},     {"kappa", 0x3BA},
    {"kappav", 0x3F0},     {"kcedil", 0x137},    {"kcy", 0x43A},
    {"kgreen", 0x138},     {"khcy", 0x445},      {"kjcy", 0x45C},
    {"lArr", 0x21D0},      {"lacute", 0x13A},    {"lagran", 0x2112},
    {"lambda", 0x3BB},     {"lang", 0x27E8},     {"larr", 0x2190},
    {"lbrace", 0x7B},      {"lbrack", 0x5B},     {"lcaron", 0x13E},
    {"lcedil", 0x13C},     {"lceil", 0x2308},    {"lcub", 0x7B},
    {"lcy", 0x43B},        {"ldquo", 0x201C},    {"ldquor", 0x201E},
    {"le", 0x2264},        {"lfloor", 0x230A},   {"ljcy", 0x459},
    {"lmidot", 0x140},     {"lowast", 0x2217},   {"lowbar", 0x5F},
    {"loz", 0x25CA},       {"lozenge", 0x25CA},  {"lpar", 0x28},
    {"lrm", 0x200E},       {"lsaquo", 0x2039},   {"lsqb", 0x5B},
    {"lsquo", 0x2018},     {"lsquor", 0x201A},   {"lstrok", 0x142},
    {"male", 0x2642},      {"mcy", 0x43C},       {"mdash", 0x2014},
    {"mho", 0x2127},       {"midast", 0x2A},     {"minus", 0x2212},
    {"mldr", 0x2026},      {"mu", 0x3BC},        {"nabla", 0x2207},
    {"nacute", 0x144},     {"napos", 0x149},     {"natur", 0x266E},
    {"natural", 0x266E},   {"naturals", 0x2115}, {"ncaron", 0x148},
    {"ncedil", 0x146},     {"ncy", 0x43D},       {"ndash", 0x2013},
    {"ne", 0x2260},        {"nearr", 0x2197},    {"ni", 0x220B},
    {"njcy", 0x45A},       {"nldr", 0x2025},     {"notin", 0x2209},
    {"nsub", 0x2284},      {"nu", 0x3BD},        {"num", 0x23},
    {"numero", 0x2116},    {"numsp", 0x2007},    {"nwarr", 0x2196},
    {"ocy", 0x43E},        {"odblac", 0x151},    {"oelig", 0x153},
    {"ogon", 0x2DB},       {"ohm", 0x3A9},       {"oline", 0x203E},
    {"omacr", 0x14D},      {"omega", 0x3C9},     {"omicron", 0x3BF},
    {"oplus", 0x2295},     {"or", 0x2228},       {"order", 0x2134},
    {"orderof", 0x2134},   {"oscr", 0x2134},     {"otimes", 0x2297},
    {"part", 0x2202},      {"pcy", 0x43F},       {"percnt", 0x25},
    {"period", 0x2E},      {"permil", 0x2030},   {"perp", 0x22A5},
    {"pertenk", 0x2031},   {"phi", 0x3C6},       {"phiv", 0x3D5},
    {"phmmat", 0x2133},    {"phone", 0x260E},    {"pi", 0x3C0},
    {"piv", 0x3D6},        {"planck", 0x210F},   {"planckh", 0x210E},
    {"plankv", 0x210F},    {"plus", 0x2B},       {"pm", 0xB1},
    {"prime", 0x2032},     {"primes", 0x2119},   {"prod", 0x220F},
    {"prop", 0x221D},      {"psi", 0x3C8},       {"puncsp", 0x2008},
    {"qprime", 0x2057},    {"quest", 0x3F},      {"rArr", 0x21D2},
    {"racute", 0x155},     {"radic", 0x221A},    {"rang", 0x27E9},
    {"rarr", 0x2192},      {"rbrace", 0x7D},     {"rbrack", 0x5D},
    {"rcaron", 0x159},     {"rcedil", 0x157},    {"rceil", 0x2309},
    {"rcub", 0x7D},        {"rcy", 0x440},       {"rdquo", 0x201D},
    {"rdquor", 0x201D},    {"real", 0x211C},     {"realine", 0x211B},
    {"realpart", 0x211C},  {"reals", 0x211D},    {"rfloor", 0x230B},
    {"rho", 0x3C1},        {"rhov", 0x3F1},      {"ring", 0x2DA},
    {"rlm", 0x200F},       {"rpar", 0x29},       {"rsaquo", 0x203A},
    {"rsqb", 0x5D},        {"rsquo", 0x2019},    {"rsquor", 0x2019},
    {"rx", 0x211E},        {"sacute", 0x15B},    {"sbquo", 0x201A},
    {"scaron", 0x161},     {"scedil", 0x15F},    {"scirc", 0x15D},
    {"scy", 0x441},        {"sdot", 0x22C5},     {"searr", 0x2198},
    {"semi", 0x3B},        {"sharp", 0x266F},    {"shchcy", 0x449},
    {"shcy", 0x448},       {"sigma", 0x3C3},     {"sigmaf", 0x3C2},
    {"sigmav", 0x3C2},     {"sim", 0x223C},      {"slarr", 0x2190},
    {"softcy", 0x44C},     {"sol", 0x2F},        {"spades", 0x2660},
    {"squ", 0x25A1},       {"square", 0x25A1},   {"srarr", 0x2192},
    {"star", 0x2606},      {"starf", 0x2605},    {"strns", 0xAF},
    {"sub", 0x2282},       {"sube", 0x2286},     {"sum", 0x2211},
    {"sup", 0x2283},       {"supe", 0x2287},     {"swarr", 0x2199},
    {"tau", 0x3C4},        {"tcaron", 0x165},    {"tcedil", 0x163},
    {"tcy", 0x442},        {"there4", 0x2234},   {"theta", 0x3B8},
    {"thetasym", 0x3D1},   {"thetav", 0x3D1},    {"thinsp", 0x2009},
    {"tilde", 0x2DC},      {"tprime", 0x2034},   {"trade", 0x2122},
    {"tscy", 0x446},       {"tshcy", 0x45B},     {"tstrok", 0x167},
    {"uArr", 0x21D1},      {"uarr", 0x2191},     {"ubrcy", 0x45E},
    {"ubreve", 0x16D},     {"ucy", 0x443},       {"udblac", 0x171},
    {"umacr", 0x16B},      {"uogon", 0x173},     {"upsi", 0x3C5},
    {"upsih", 0x3D2},      {"upsilon", 0x3C5},   {"uring", 0x16F},
    {"utilde", 0x169},     {"varkappa", 0x3F0},  {"varphi", 0x3D5},
    {"varpi", 0x3D6},      {"varr", 0x2195},     {"varrho", 0x3F1},
    {"varsigma", 0x3C2},   {"vartheta", 0x3D1},  {"vcy", 0x432},
    {"verbar", 0x7C},      {"vert", 0x7C},       {"wcirc", 0x175},
    {"weierp", 0x2118},    {"wp", 0x2118},       {"xi", 0x3BE},
    {"yacy", 0x44F},       {"ycirc", 0x177},     {"ycy", 0x44B},
    {"yicy", 0x457},       {"yucy", 0x44E},      {"zacute", 0x17A},
    {"zcaron", 0x17E},     {"zcy", 0x437},       {"zdot", 0x17C},
    {"zeetrf", 0x2128},    {"zeta", 0x3B6},      {"zhcy", 0x436},
    {"zwj", 0x200D},       {"zwnj", 0x200C}};

static uint32_t find(const struct entity *table, size_t count, struct view name) {
    char key[NAME_BYTES] = {0};
    size_t low = 0, high = count;

    if (name.len >= NAME_BYTES)
        return 0;
    memcpy(key, name.at, name.len);
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = memcmp(key, table[middle].name, NAME_BYTES);
        if (!order)
            return table[middle].character;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return 0;
}

static uint32_t old_named(struct view name) {
    return find(old_names, sizeof old_names / sizeof *old_names, name);
}

uint32_t entity_named(struct view name) {
    uint32_t character = old_named(name);

    return character ? character : find(names, sizeof names / sizeof *names, name);
}

/* ---- references ---- */

static uint32_t mend(uint32_t number) {
    static const uint16_t windows[32] = {
        0x20AC, 0x81,   0x201A, 0x192,  0x201E, 0x2026, 0x2020, 0x2021,
        0x2C6,  0x2030, 0x160,  0x2039, 0x152,  0x8D,   0x17D,  0x8F,
        0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
        0x2DC,  0x2122, 0x161,  0x203A, 0x153,  0x9D,   0x17E,  0x178};

    if (number >= 0x80 && number < 0xA0)
        return windows[number - 0x80];
    if (!number || number > 0x10FFFF || (number >= 0xD800 && number < 0xE000))
        return 0xFFFD;
    return number;
}

static int digit_of(char c, bool hex) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return hex && c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static size_t read_number(struct view text, uint32_t *character) {
    bool hex = text.len > 2 && (text.at[2] | 0x20) == 'x';
    size_t begin = hex ? 3 : 2, i = begin;
    uint32_t number = 0;

    for (; i < text.len; i++) {
        int digit = digit_of(text.at[i], hex);
        if (digit < 0)
            break;
        if (number <= 0x10FFFF)
            number = number * (hex ? 16 : 10) + (uint32_t)digit;
    }
    if (i == begin)
        return 0;
    *character = mend(number);
    return i + (i < text.len && text.at[i] == ';');
}

static bool in_name(char c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static size_t read_name(struct view text, uint32_t *character) {
    size_t end = 1;

    while (end < text.len && end <= NAME_BYTES && in_name(text.at[end]))
        end++;
    if (end < text.len && text.at[end] == ';') {
        *character = entity_named(view_n(text.at + 1, end - 1));
        if (*character)
            return end + 1;
    }
    for (; end > 2; end--) { // the longest that is one: &notit is &not and "it"
        *character = old_named(view_n(text.at + 1, end - 1));
        if (*character)
            return end;
    }
    return 0;
}

size_t entity_read(struct view text, uint32_t *character) {
    uint32_t found = 0;
    size_t len;

    if (text.len < 3 || text.at[0] != '&')
        return 0;
    len = text.at[1] == '#' ? read_number(text, &found) : read_name(text, &found);
    if (len)
        *character = found;
    return len;
}
