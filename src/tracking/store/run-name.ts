/** Names for runs that nobody named: two words and a number, easy to tell apart and to say. */
import { randomInt } from "node:crypto";

const qualities =
  "able agile amber bold brave bright brisk calm clever crisp eager early fair fine fond free glad grand green happy hardy keen kind light lively loyal lucky mellow merry mild neat noble open plain proud quick quiet rapid ready rich sharp shy silent smart smooth solid steady sunny swift tidy upbeat vivid warm wise witty young".split(
    " ",
  );
const animals =
  "ant badger bass bear bee bison carp cat colt crab crane crow deer dog dove duck eel elk finch fish fly fox frog goat goose gull hare hawk hen horse jay kite koi lamb lark loon lynx mole moose moth mouse newt otter owl ox pig pony quail rat ray rook seal shad sheep shrew skunk slug snail sparrow squid stag swan toad trout vole wasp whale wren yak".split(
    " ",
  );

export function makeRunName(): string {
  return `${pick(qualities)}-${pick(animals)}-${randomInt(1000)}`;
}

function pick(words: readonly string[]): string {
  return words[randomInt(words.length)] ?? "run";
}
