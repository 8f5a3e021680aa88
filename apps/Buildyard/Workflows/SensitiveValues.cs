using System.Text;
using System.Text.RegularExpressions;
using YamlDotNet.Core;

namespace Buildyard;

/// <summary>
/// What is secret in a <c>bitrise.yml</c>: the values of what <c>is_sensitive</c> marks (<see cref="BitriseConfig.Sensitive"/>), where they are given
/// and wherever they stand again. The log of a build, what is shared, and what is told of a change all ask here.
/// </summary>
public static partial class SensitiveValues
{
    /// <summary>Of some values those that tell themselves from other text: no switch, nor shorter than <see cref="Redactor.ShortestLine"/>. Hiding the others would hide half of a text.</summary>
    public static IEnumerable<string> Telling(IEnumerable<string> values) =>
        values.Where(value => value.AsSpan().Trim().Length >= Redactor.ShortestLine && !SaysNothing(value, isExpanded: false));

    /// <summary>The same, of the values that a file gives: what is replaced by another variable is none.</summary>
    public static IEnumerable<string> Telling(IEnumerable<EnvItem> items) => Telling(items.Where(item => !SaysNothing(item)).Select(item => item.Value));

    /// <summary>Whether a value is a switch or nothing, or a variable that is replaced: what lets nobody in.</summary>
    /// <param name="value">The value, as it is meant: a text that looks like an alias is a text.</param>
    /// <param name="isExpanded">Whether variables in it are replaced. Where they aren't, a text that looks like one is a text.</param>
    public static bool SaysNothing(string value, bool isExpanded) => Switch().IsMatch(value.Trim()) || (isExpanded && Variable().IsMatch(value.Trim()));

    private static bool SaysNothing(EnvItem item) => SaysNothing(item.Value, item.IsExpand ?? true);

    /// <summary>The file with <paramref name="mark"/> in place of its sensitive values, as valid as it was. A text that is no YAML stays as it is.</summary>
    public static string Hide(string yaml, string mark)
    {
        if (BitriseYaml.ReadSaved(yaml).Sensitive is not { Count: > 0 } items || YamlTree.Read(yaml) is not { } tree) return yaml;
        return new Hiding(tree, mark, new Redactor(Telling(items))).Text(items);
    }

    [GeneratedRegex("^(?:true|false|yes|no|null|~|)$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Switch();

    [GeneratedRegex("""^\$\{?[A-Za-z_][A-Za-z0-9_]*\}?$""", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Variable();

    private sealed class Hiding(YamlTree tree, string mark, Redactor sought)
    {
        private readonly List<(int From, int To, string By)> _edits = [];

        // Names stay, and so does what is hidden already.
        private readonly bool[] _taken = new bool[tree.Text.Length + 1];
        private readonly Dictionary<int, (YamlPart? Key, YamlPart Value, bool InFlow)> _values = [];

        public string Text(IEnumerable<EnvItem> items)
        {
            Walk(null, tree.Root!, inFlow: false);
            foreach (var item in items.Where(item => !SaysNothing(item)))
                if (_values.TryGetValue(tree.IndexOf(item.ValueAt), out var found)) Whole(found.Key, found.Value);
            foreach (var (_, value, inFlow) in _values.Values.Where(v => v.Value.Kind == YamlPartKind.Scalar)) Again(value, inFlow);
            foreach (var (from, to) in sought.Find(tree.Text)) Replace(from, to, mark);
            return Edited();
        }

        private void Walk(YamlPart? key, YamlPart part, bool inFlow)
        {
            // An item of a list may begin where its own first name does; that one is no value.
            _values.TryAdd(part.Start, (key, part, inFlow));
            foreach (var (name, value) in part.Entries)
            {
                _taken.AsSpan(name.Start..name.End).Fill(true);
                Walk(name, value, part.IsFlow || inFlow);
            }
            foreach (var item in part.Items) Walk(null, item, part.IsFlow || inFlow);
        }

        /// <summary>Hides a value where it is given; its anchor stays, for those who name it.</summary>
        private void Whole(YamlPart? key, YamlPart value)
        {
            if (value.Kind == YamlPartKind.Scalar || value.IsFlow || key is null)
            {
                Replace(value.ContentStart, value.End, mark);
                return;
            }
            // A list may stand at the column of its name, where nothing else may.
            var anchor = tree.Text[value.Start..value.ContentStart].Trim();
            var colon = tree.Colon(key.End);
            _edits.Add((colon, value.End, anchor.Length == 0 ? $" {mark}" : $" {anchor} {mark}"));
            _taken.AsSpan(colon..value.End).Fill(true);
        }

        /// <summary>Hides what a value says again: in its text, where that is sure to stay one; otherwise the value is written anew.</summary>
        private void Again(YamlPart value, bool inFlow)
        {
            if (sought.Find(value.Value) is not { Count: > 0 } found) return;
            if (value.Style is not (ScalarStyle.Plain or ScalarStyle.Any) && sought.Find(tree.Text[value.ContentStart..value.End]).Count > 0) return;
            var (text, at) = (new StringBuilder(), 0);
            foreach (var (from, to) in found)
            {
                text.Append(value.Value, at, from - at).Append(mark);
                at = to;
            }
            Replace(value.ContentStart, value.End, YamlScalars.Inline(text.Append(value.Value, at, value.Value.Length - at).ToString(), value.Style, inFlow));
        }

        private void Replace(int from, int to, string by)
        {
            if (_taken.AsSpan(from..to).Contains(true)) return;
            _edits.Add((from, to, by));
            _taken.AsSpan(from..to).Fill(true);
        }

        private string Edited()
        {
            var (output, at) = (new StringBuilder(tree.Text.Length), 0);
            foreach (var (from, to, by) in _edits.OrderBy(e => e.From).ThenByDescending(e => e.To))
            {
                if (from < at) continue;
                output.Append(tree.Text, at, from - at).Append(by);
                at = to;
            }
            return output.Append(tree.Text, at, tree.Text.Length - at).ToString();
        }
    }
}
