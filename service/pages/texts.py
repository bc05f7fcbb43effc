"""The chat's own words, by language. What the bot says is not here."""

from collections.abc import Mapping
from typing import Final

# ``dir`` is the page's direction; each message finds its own.
_ENGLISH: Final = {
    "lang": "en",
    "dir": "ltr",
    "title": "Chat with {shop}",
    "assistant": "Assistant",
    "agent": "Support",
    "you": "You",
    "with_bot": "Automated assistant",
    "with_agent": "You are talking to our team",
    "taken_over": "A colleague has taken over. The answer comes here; you may close this window.",
    "log": "Messages",
    "input": "Your message",
    "placeholder": "Write a message…",
    "send": "Send",
    "close": "Close chat",
    "typing": "is typing…",
    "greeting": "Hello! Ask me where your order is, or anything about delivery and returns.",
    "starter_1": "Where is my order?",
    "starter_2": "How do returns work?",
    "starter_3": "I want to talk to a person",
    "sending": "Sending…",
    "sent": "Sent",
    "waiting": "Waiting for the connection…",
    "failed": "Not sent.",
    "refused": "This message could not be taken.",
    "undelivered": "Not delivered",
    "retry": "Try again",
    "offline": "You are offline. Messages are sent when you are back.",
    "lost": "No connection to the shop. Trying again…",
    "too_long": "Too long by {over} characters: the limit is {max}. Please shorten it.",
    "left": "{left} characters left",
    "expired": "The earlier conversation has ended. This is a new one.",
    "quick": "Suggested answers",
}

_GERMAN: Final = {
    "lang": "de",
    "dir": "ltr",
    "title": "Chat mit {shop}",
    "assistant": "Assistent",
    "agent": "Kundendienst",
    "you": "Sie",
    "with_bot": "Automatischer Assistent",
    "with_agent": "Sie sprechen mit unserem Team",
    "taken_over": "Jetzt antwortet ein Mensch. Die Antwort kommt hier an; "
    "Sie können das Fenster schließen.",
    "log": "Nachrichten",
    "input": "Ihre Nachricht",
    "placeholder": "Nachricht schreiben …",
    "send": "Senden",
    "close": "Chat schließen",
    "typing": "schreibt …",
    "greeting": "Guten Tag! Fragen Sie mich, wo Ihre Bestellung ist, "
    "oder was Sie zu Lieferung und Rückgabe wissen möchten.",
    "starter_1": "Wo ist meine Bestellung?",
    "starter_2": "Wie funktioniert die Rückgabe?",
    "starter_3": "Ich möchte mit einem Menschen sprechen",
    "sending": "Wird gesendet …",
    "sent": "Gesendet",
    "waiting": "Wartet auf die Verbindung …",
    "failed": "Nicht gesendet.",
    "refused": "Diese Nachricht konnte nicht angenommen werden.",
    "undelivered": "Nicht zugestellt",
    "retry": "Noch einmal",
    "offline": "Sie sind offline. Nachrichten gehen hinaus, sobald Sie wieder verbunden sind.",
    "lost": "Keine Verbindung zum Shop. Neuer Versuch …",
    "too_long": "Um {over} Zeichen zu lang: höchstens {max} sind möglich. Bitte kürzen Sie.",
    "left": "Noch {left} Zeichen",
    "expired": "Das frühere Gespräch ist beendet. Dies ist ein neues.",
    "quick": "Vorgeschlagene Antworten",
}

_SPANISH: Final = {
    "lang": "es",
    "dir": "ltr",
    "title": "Chat con {shop}",
    "assistant": "Asistente",
    "agent": "Atención al cliente",
    "you": "Usted",
    "with_bot": "Asistente automático",
    "with_agent": "Está hablando con nuestro equipo",
    "taken_over": "Ahora le atiende una persona. La respuesta llegará aquí; "
    "puede cerrar esta ventana.",
    "log": "Mensajes",
    "input": "Su mensaje",
    "placeholder": "Escriba un mensaje…",
    "send": "Enviar",
    "close": "Cerrar el chat",
    "typing": "está escribiendo…",
    "greeting": "¡Hola! Pregúnteme dónde está su pedido, "
    "o cualquier cosa sobre envíos y devoluciones.",
    "starter_1": "¿Dónde está mi pedido?",
    "starter_2": "¿Cómo funcionan las devoluciones?",
    "starter_3": "Quiero hablar con una persona",
    "sending": "Enviando…",
    "sent": "Enviado",
    "waiting": "Esperando la conexión…",
    "failed": "No se ha enviado.",
    "refused": "No se ha podido aceptar este mensaje.",
    "undelivered": "No entregado",
    "retry": "Reintentar",
    "offline": "No tiene conexión. Los mensajes se enviarán cuando vuelva.",
    "lost": "Sin conexión con la tienda. Reintentando…",
    "too_long": "Sobran {over} caracteres: el límite es {max}. Acórtelo, por favor.",
    "left": "Quedan {left} caracteres",
    "expired": "La conversación anterior ha terminado. Esta es nueva.",
    "quick": "Respuestas sugeridas",
}

_FRENCH: Final = {
    "lang": "fr",
    "dir": "ltr",
    "title": "Discussion avec {shop}",
    "assistant": "Assistant",
    "agent": "Service client",
    "you": "Vous",
    "with_bot": "Assistant automatique",
    "with_agent": "Vous parlez avec notre équipe",
    "taken_over": "Une personne a pris le relais. La réponse arrivera ici ; "
    "vous pouvez fermer cette fenêtre.",
    "log": "Messages",
    "input": "Votre message",
    "placeholder": "Écrivez un message…",
    "send": "Envoyer",
    "close": "Fermer la discussion",
    "typing": "écrit…",
    "greeting": "Bonjour ! Demandez-moi où est votre commande, "
    "ou ce que vous voulez savoir sur la livraison et les retours.",
    "starter_1": "Où est ma commande ?",
    "starter_2": "Comment faire un retour ?",
    "starter_3": "Je veux parler à une personne",
    "sending": "Envoi…",
    "sent": "Envoyé",
    "waiting": "En attente de connexion…",
    "failed": "Non envoyé.",
    "refused": "Ce message n'a pas pu être accepté.",
    "undelivered": "Non remis",
    "retry": "Réessayer",
    "offline": "Vous êtes hors ligne. Les messages partiront à votre retour.",
    "lost": "Pas de connexion avec la boutique. Nouvel essai…",
    "too_long": "{over} caractères de trop : la limite est de {max}. Merci de raccourcir.",
    "left": "{left} caractères restants",
    "expired": "La discussion précédente est terminée. En voici une nouvelle.",
    "quick": "Réponses proposées",
}

CATALOGUE: Final[Mapping[str, Mapping[str, str]]] = {
    words["lang"]: words for words in (_ENGLISH, _GERMAN, _SPANISH, _FRENCH)
}


def texts(locale: str) -> Mapping[str, str]:
    """The words for a locale, by name; English where there is no catalogue for its language.

    Args:
        locale: BCP 47 or with an underscore, any case: ``fr``, ``de-AT``, ``es_MX``.
    """
    return CATALOGUE.get(locale[:2].lower(), CATALOGUE["en"])
