// Countries as Libris has them, MARC's codes (https://www.loc.gov/marc/countries/), in ISO 3166's
// numbers, which the outline has. Parts of a country count as the country.

const CODES = `aa:8 ae:12 af:4 ag:32 ai:51 aj:31 ao:24 at:36 au:40 bd:108 be:56 bf:44 bg:50 bh:84 bl:76 bn:70 bo:68 bp:90 br:104 bs:72 bt:64 bu:100
bw:112 bx:96 cb:116 cc:156 cd:148 ce:144 cf:178 cg:180 ch:158 ci:191 ck:170 cl:152 cm:120 cr:188 cu:192 cx:140 cy:196 dk:208 dm:204 dr:214
ea:232 ec:218 eg:226 em:626 er:233 es:222 et:231 fa:234 fi:246 fj:242 fk:238 fr:250 ft:262 ge:276 gh:288 gl:304 gm:270 go:266 gr:300 gs:268
gt:320 gv:324 gw:276 gy:328 gz:275 ho:340 ht:332 hu:348 ic:352 ie:372 ii:356 io:360 iq:368 ir:364 is:376 it:380 iv:384 ja:392 jm:388 jo:400
ke:404 kg:417 kn:408 ko:410 ku:414 kz:398 lb:430 le:422 li:440 lo:426 ls:418 lu:442 lv:428 ly:434 mg:450 mk:512 ml:466 mo:499 mp:496 mr:504
mu:478 mv:498 mw:454 mx:484 my:458 mz:508 ne:528 ng:562 nl:540 nn:548 no:578 np:524 nq:558 nr:566 nz:554 pe:604 pg:624 ph:608 pk:586 pl:616
pn:591 po:620 pp:598 pr:630 py:600 qa:634 rb:688 rh:716 rm:642 ru:643 rw:646 sa:710 sd:728 sg:686 sj:729 sl:694 so:706 sp:724 sq:748 sr:740
ss:732 su:682 sw:752 sx:516 sy:760 sz:756 ta:762 tg:768 th:764 ti:788 tk:795 tr:780 ts:784 tu:792 tz:834 ua:818 ug:800 un:804 uv:854 uy:858
uz:860 ve:862 vm:704 wj:275 xn:807 xo:703 xr:203 xv:705 ye:887 za:894`;
const NUMBERS = new Map(CODES.split(/\s+/).map((pair) => pair.split(":")));

// Returns the ISO number of a country that a value names, or null.
export function countryOf(value) {
  const code = value.replace(/^.*\//, "").replace(/-+$/, "");
  const number = NUMBERS.get(code) ?? part(code) ?? AREAS[code];
  return number ? number.padStart(3, "0") : null;
}

// States, provinces and the parts of the United Kingdom have codes of three letters.
function part(code) {
  if (code.length !== 3) return undefined;
  return { u: "840", k: "826", c: "124", a: "36", r: "643" }[code[2]];
}

// Codes of MARC's geographic areas, which nationalities have.
const AREAS = Object.fromEntries(
  `e-sw:752 e-no:578 e-dk:208 e-fi:246 e-ic:352 e-uk:826 e-uk-en:826 e-uk-st:826 e-uk-wl:826 e-uk-ni:826 e-ie:372 e-fr:250 e-gx:276
e-ge:276 e-it:380 e-sp:724 e-po:620 e-ne:528 e-be:56 e-sz:756 e-au:40 e-pl:616 e-xr:203 e-cs:203 e-hu:348 e-rm:642 e-bu:100 e-gr:300
e-ru:643 e-ur:643 e-un:804 e-er:233 e-lv:428 e-li:440 e-yu:688 e-rb:688 e-ci:191 e-bn:70 n-us:840 n-cn:124 n-mx:484 u-at:36 u-nz:554
a-cc:156 a-ja:392 a-ii:356 a-ir:364 a-iq:368 a-is:376 a-tu:792 a-ko:410 f-sa:710 f-ua:818 f-ke:404 f-nr:566 s-ag:32 s-bl:76 s-cl:152
s-ck:170 s-pe:604`
    .split(/\s+/)
    .map((pair) => pair.split(":")),
);
