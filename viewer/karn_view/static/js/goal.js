// @ts-check
/** Whether less or more of a metric is better, as far as its name tells. Pure. */

const LESS = /loss|nll|entropy|perplexity|ppl|error|err$|\b(?:wer|fid|mse|mae|rmse)\b|time|latency|bits_per|bpb|_ms$/i;
const MORE = /acc|reward|return|score|precision|recall|\bf1\b|auc|iou|\bmap\b|bleu|rouge|psnr|ssim|success|win_rate|per_s(?:ec|econd)?$|throughput|efficiency/i;

/** @param {string} name @returns {"min" | "max" | null} null when the name does not tell */
export function goal(name) {
  const last = name.split("/").slice(-2).join("/");
  if (LESS.test(last)) return "min";
  return MORE.test(last) ? "max" : null;
}
