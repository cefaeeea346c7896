/** The data sets of the standard library: what is in them, where they come from, and the checksum of their bytes. */

export interface DataSet {
  /** What an input names. */
  readonly path: string;
  readonly what: string;
  readonly rows: number;
  readonly columns: readonly { readonly name: string; readonly what: string }[];
  readonly source: string;
  readonly licence: string;
  /** Of the file, in hexadecimal digits; compared each time a run reads it. */
  readonly sha256: string;
}

const iris: DataSet = {
  path: "std/data/iris.csv",
  what: "flowers of three species of iris, 50 of each; to tell the species from four lengths",
  rows: 150,
  columns: [
    { name: "Sepal.Length", what: "cm" },
    { name: "Sepal.Width", what: "cm" },
    { name: "Petal.Length", what: "cm" },
    { name: "Petal.Width", what: "cm" },
    { name: "Species", what: "setosa, versicolor or virginica" },
  ],
  source:
    "measured by E. Anderson, 1935; published by R. A. Fisher, Annals of Eugenics 7, 1936, table I; as in R's iris",
  licence:
    "measurements, published without a licence; the UCI repository offers them under CC BY 4.0",
  sha256: "6c17bdaf4419befba3352385793b1518e23e8fe1f76501e0850b573dc908d1e8",
};

const states: DataSet = {
  path: "std/data/states.csv",
  what: "the 50 states of the USA in the 1970s; to predict life expectancy from six facts",
  rows: 50,
  columns: [
    { name: "state", what: "its name" },
    { name: "population", what: "thousands, 1975" },
    { name: "income", what: "dollars a head, 1974" },
    { name: "illiteracy", what: "percent, 1970" },
    { name: "life_expectancy", what: "years, 1969 to 1971" },
    { name: "murder", what: "murders and manslaughters among 100,000 people, 1976" },
    { name: "high_school", what: "percent who finished high school, 1970" },
    { name: "frost", what: "days below freezing in a large city, mean of 1931 to 1960" },
    { name: "area", what: "square miles of land" },
  ],
  source:
    "U.S. Bureau of the Census, Statistical Abstract of the United States, and County and City Data Book, 1977; as in R's state.x77",
  licence: "a work of the government of the USA: public domain there (17 U.S.C. 105)",
  sha256: "3307ef76eb1c5e7f22bf3a0d30d4c1ed63c0ed4db8523a31f23f10473a632f98",
};

/** By name: `iris` for `std/data/iris.csv`. */
export const dataSets: ReadonlyMap<string, DataSet> = new Map([
  ["iris", iris],
  ["states", states],
]);

/** The data set at a path such as `std/data/iris.csv`. */
export function dataSetAt(path: string): DataSet | undefined {
  return [...dataSets.values()].find((one) => one.path === path);
}
