"""Citation keys used in docstrings and pages, with their references."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

SOURCES: Mapping[str, str] = MappingProxyType(
    {
        "adams2009": "Adams JL (2009). The reliability of provider profiling: a tutorial. RAND Corporation.",
        "bates2015lme4": "Bates D, Mächler M, Bolker B, Walker S (2015). Fitting linear mixed-effects models "
        "using lme4. Journal of Statistical Software 67(1).",
        "benjamini1995": "Benjamini Y, Hochberg Y (1995). Controlling the false discovery rate: a practical and "
        "powerful approach to multiple testing. Journal of the Royal Statistical Society B 57:289-300.",
        "benjamini2001": "Benjamini Y, Yekutieli D (2001). The control of the false discovery rate in multiple "
        "testing under dependency. Annals of Statistics 29:1165-1188.",
        "breslow1993": "Breslow NE, Clayton DG (1993). Approximate inference in generalized linear mixed models. "
        "Journal of the American Statistical Association 88:9-25.",
        "breslowday1987": "Breslow NE, Day NE (1987). Statistical Methods in Cancer Research, Volume II: The "
        "Design and Analysis of Cohort Studies. International Agency for Research on Cancer.",
        "brook1972": "Brook D, Evans DA (1972). An approach to the probability distribution of CUSUM run length. "
        "Biometrika 59:539-549.",
        "champwoodall1987": "Champ CW, Woodall WH (1987). Exact results for Shewhart control charts with "
        "supplementary runs rules. Technometrics 29:393-399.",
        "clayton1987": "Clayton D, Kaldor J (1987). Empirical Bayes estimates of age-standardized relative risks "
        "for use in disease mapping. Biometrics 43:671-681.",
        "clopperpearson1934": "Clopper CJ, Pearson ES (1934). The use of confidence or fiducial limits "
        "illustrated in the case of the binomial. Biometrika 26:404-413.",
        "cms_cell_size": "Centers for Medicare & Medicaid Services. Cell size suppression policy: no cell of 1 "
        "to 10 may be displayed, nor be derivable.",
        "cook2008": "Cook DA, Duke G, Hart GK, Pilcher D, Mullany D (2008). Review of the application of risk- "
        "djusted charts to analyse mortality outcomes in critical care. Critical Care and Resuscitation "
        "10:239-251.",
        "cox1958two": "Cox DR (1958). Two further applications of a model for binary regression. Biometrika "
        "45:562-565.",
        "crandall2012": "Crandall WV et al. (2012). Improved outcomes in a quality improvement collaborative for "
        "pediatric inflammatory bowel disease. Pediatrics 129:e1030.",
        "fischetti2001": "Fischetti M, Salazar JJ (2001). Solving the cell suppression problem on tabular data "
        "with linear constraints. Management Science 47:1008-1027.",
        "garwood1936": "Garwood F (1936). Fiducial limits for the Poisson distribution. Biometrika 28:437-442.",
        "hartung2001": "Hartung J, Knapp G (2001). A refined method for the meta-analysis of controlled clinical "
        "trials with binary outcome. Statistics in Medicine 20:3875-3889.",
        "higgins2009": "Higgins JPT, Thompson SG, Spiegelhalter DJ (2009). A re-evaluation of random-effects "
        "meta-analysis. Journal of the Royal Statistical Society A 172:137-159.",
        "katz1978": "Katz D, Baptista J, Azen SP, Pike MC (1978). Obtaining confidence intervals for the risk "
        "ratio in cohort studies. Biometrics 34:469-474.",
        "kitagawa1955": "Kitagawa EM (1955). Components of a difference between two rates. Journal of the "
        "American Statistical Association 50:1168-1194.",
        "kleinman1973": "Kleinman JC (1973). Proportions with extraneous variance: single and independent "
        "samples. Journal of the American Statistical Association 68:46-54.",
        "larsen2005": "Larsen K, Merlo J (2005). Appropriate assessment of neighborhood effects on individual "
        "health: integrating random and fixed effects in multilevel logistic regression. American Journal of "
        "Epidemiology 161:81-88.",
        "lin2006": "Lin R, Louis TA, Paddock SM, Ridgeway G (2006). Loss function based ranking in two-stage, "
        "hierarchical models. Bayesian Analysis 1:915-946.",
        "lovegrove1997": "Lovegrove J, Valencia O, Treasure T, Sherlaw-Johnson C, Gallivan S (1997). Monitoring "
        "the results of cardiac surgery by variable life-adjusted display. Lancet 350:1128-1130.",
        "marshall2004": "Marshall C, Best N, Bottle A, Aylin P (2004). Statistical issues in the prospective "
        "monitoring of health outcomes across multiple units. Journal of the Royal Statistical Society A "
        "167:541-559.",
        "mccullagh1989": "McCullagh P, Nelder JA (1989). Generalized Linear Models, 2nd edition. Chapman and Hall.",
        "montgomery2019": "Montgomery DC (2019). Introduction to Statistical Quality Control, 8th edition. Wiley.",
        "newcombe1998": "Newcombe RG (1998). Interval estimation for the difference between independent "
        "proportions: comparison of eleven methods. Statistics in Medicine 17:873-890.",
        "nolan2004": "Nolan T, Resar R, Haraden C, Griffin FA (2004). Improving the reliability of health care. "
        "IHI Innovation Series white paper. Institute for Healthcare Improvement.",
        "nolan2006": "Nolan T, Berwick DM (2006). All-or-none measurement raises the bar on performance. JAMA "
        "295:1168-1170.",
        "peduzzi1996": "Peduzzi P, Concato J, Kemper E, Holford TR, Feinstein AR (1996). A simulation study of "
        "the number of events per variable in logistic regression analysis. Journal of Clinical Epidemiology "
        "49:1373-1379.",
        "rue2009": "Rue H, Martino S, Chopin N (2009). Approximate Bayesian inference for latent Gaussian models "
        "by using integrated nested Laplace approximations. Journal of the Royal Statistical Society B "
        "71:319-392.",
        "searle1992": "Searle SR, Casella G, McCulloch CE (1992). Variance Components. Wiley.",
        "spiegelhalter2005funnel": "Spiegelhalter DJ (2005). Funnel plots for comparing institutional "
        "performance. Statistics in Medicine 24:1185-1202.",
        "spiegelhalter2005handling": "Spiegelhalter DJ (2005). Handling over-dispersion of performance "
        "indicators. Quality and Safety in Health Care 14:347-351.",
        "spiegelhalter2012": "Spiegelhalter D, Sherlaw-Johnson C, Bardsley M, Blunt I, Wood C, Grigg O (2012). "
        "Statistical methods for healthcare regulation: rating, screening and surveillance. Journal of the "
        "Royal Statistical Society A 175:1-47.",
        "steiner2000": "Steiner SH, Cook RJ, Farewell VT, Treasure T (2000). Monitoring surgical performance "
        "using risk-adjusted cumulative sum charts. Biostatistics 1:441-452.",
        "tierney1989": "Tierney L, Kass RE, Kadane JB (1989). Fully exponential Laplace approximations to expectations "
        "and variances of nonpositive functions. Journal of the American Statistical Association 84:710-716.",
        "vanhouwelingen2000": "van Houwelingen HC, Brand R, Louis TA (2000). Empirical Bayes methods for "
        "monitoring health care quality. Technical report, Leiden University.",
        "verburg2018": "Verburg IWM, Holman R, Peek N, Abu-Hanna A, de Keizer NF (2018). Guidelines on "
        "constructing funnel plots for quality indicators: a case study on mortality in intensive care unit "
        "patients. Statistical Methods in Medical Research 27:3350-3366.",
        "viechtbauer2010": "Viechtbauer W (2010). Conducting meta-analyses in R with the metafor package. "
        "Journal of Statistical Software 36(3).",
        "wilson1927": "Wilson EB (1927). Probable inference, the law of succession, and statistical inference. "
        "Journal of the American Statistical Association 22:209-212.",
        "zou2008": "Zou GY, Donner A (2008). Construction of confidence limits about effect measures: a general "
        "approach. Statistics in Medicine 27:1693-1702.",
    }
)


def reference(key: str) -> str:
    """Return the reference of a citation key.

    Raises:
        KeyError: When the key is not known.

    Example:
        >>> reference("garwood1936")
        'Garwood F (1936). Fiducial limits for the Poisson distribution. Biometrika 28:437-442.'
    """
    return SOURCES[key]
