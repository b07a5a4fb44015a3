using System.Text.RegularExpressions;
using Relay.Infra.Tests.Bicep;

namespace Relay.Infra.Tests.Checks;

/// <summary>No secret is read, written down or handed out.</summary>
internal static partial class SecretChecks
{
    private static readonly string[] SecretMembers =
        [
            "primaryKey", "secondaryKey", "primaryConnectionString", "secondaryConnectionString", "InstrumentationKey",
            "publishingPassword", "value",
        ];

    public static IEnumerable<Mistake> Check(BicepFile file)
    {
        foreach (var node in file.Nodes)
        {
            var name = node.Type == "call_expression" ? node.ByField("function")!.Text.Split('.')[^1] : "";
            if (name.StartsWith("list", StringComparison.OrdinalIgnoreCase))
            {
                yield return new("SECRET", file.Path, node.Line, $"'{name}' reads keys; every caller here is an identity");
            }

            if (node.Type == "string" && Literal().IsMatch(node.Text))
            {
                yield return new("SECRET", file.Path, node.Line, "a connection string or key is written down");
            }
        }

        foreach (var output in file.Of(DeclarationKind.Output))
        {
            foreach (var node in output.Value!.DescendantsAndSelf())
            {
                var secure = node.Type == "identifier"
                    && file.Of(DeclarationKind.Parameter)
                        .Any(parameter => parameter.Name == node.Text && parameter.Decorator("secure") is not null);
                var member = node.Type == "property_identifier" && SecretMembers.Contains(node.Text);
                if (secure || member)
                {
                    yield return new("SECRET-OUTPUT", file.Path, output.Node.Line, $"output '{output.Name}' hands out '{node.Text}'");
                }

                // An ingestion endpoint that takes tokens only; with local
                // authentication on, its instrumentation key would be a credential.
                if (node.Type == "property_identifier" && node.Text == "ConnectionString" && !RefusesKeys(file, node))
                {
                    yield return new(
                        "SECRET-OUTPUT",
                        file.Path,
                        output.Node.Line,
                        $"output '{output.Name}' hands out a connection string that admits by key");
                }
            }

            if (SecretName().IsMatch(output.Name))
            {
                yield return new("SECRET-OUTPUT", file.Path, output.Node.Line, $"output '{output.Name}' is named like a secret");
            }
        }

        foreach (var parameter in file.Of(DeclarationKind.Parameter)
            .Where(parameter => parameter.Decorator("secure") is null && SecretName().IsMatch(parameter.Name)))
        {
            yield return new("SECRET", file.Path, parameter.Node.Line, $"parameter '{parameter.Name}' is named like a secret");
        }

        foreach (var parameter in file.Of(DeclarationKind.Parameter)
            .Where(parameter => parameter.Decorator("secure") is not null && parameter.Value is not null))
        {
            yield return new("SECRET", file.Path, parameter.Node.Line, $"secure parameter '{parameter.Name}' has a default");
        }
    }

    private static bool RefusesKeys(BicepFile file, BicepNode member)
    {
        var root = file.Nodes.First(node => node.Type == "member_expression" && node.ByField("property") == member).Text.Split('.')[0];
        var component = file.Of(DeclarationKind.Resource).FirstOrDefault(resource => resource.Name == root);
        return component?.Value!.Property("properties")?.Property("DisableLocalAuth")?.Text == "true";
    }

    [GeneratedRegex("AccountKey=|SharedAccessKey=|SharedAccessSignature=|[?&]sig=|-----BEGIN|password=", RegexOptions.IgnoreCase)]
    private static partial Regex Literal();

    [GeneratedRegex("password|secret|connectionString$|(account|access|shared|primary|secondary)Key|sasToken", RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();
}
