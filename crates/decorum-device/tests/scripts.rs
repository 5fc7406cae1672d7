//! Screens in every language the profile knows, from small page sources.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may fail")]

use decorum_device::screen::{Overlay, Page, Relationship};
use decorum_device::{AppProfile, Screen};

fn read(inside: &str) -> Screen {
    let source = format!(
        "<XCUIElementTypeApplication name=\"Instagram\">{inside}</XCUIElementTypeApplication>"
    );
    Screen::read(&source, &AppProfile::builtin()).expect("a screen")
}

/// Language; the follow button before (with and without a name), after, and asked; private.
const PROFILES: &[[&str; 6]] = &[
    ["it", "Segui", "Segui ada.b", "Segui già", "Richiesta effettuata", "Questo account è privato"],
    [
        "tr",
        "TAKİP ET",
        "ada.b kullanıcısını takip et",
        "Takiptesin",
        "İstek Gönderildi",
        "Bu hesap gizli",
    ],
    [
        "ru",
        "Подписаться",
        "Подписаться на ada.b",
        "Вы подписаны",
        "Запрос отправлен",
        "Это закрытый аккаунт",
    ],
    ["id", "Ikuti", "Ikuti ada.b", "Mengikuti", "Diminta", "Akun ini privat"],
    ["hi", "फ़ॉलो करें", "ada.b को फॉलो करें", "फ़ॉलोइंग", "अनुरोध भेजा गया", "यह अकाउंट प्राइवेट है"],
    [
        "ja",
        "フォローする",
        "ada.bさんをフォロー",
        "フォロー中",
        "リクエスト済み",
        "このアカウントは非公開です",
    ],
    ["ko", "팔로우", "ada.b님 팔로우", "팔로잉", "요청됨", "비공개 계정입니다"],
    ["ar", "متابعة", "متابعة \u{2068}ada.b\u{2069}", "أتابعه", "تم الطلب", "هذا الحساب خاصّ"],
    ["zh", "关注", "关注 ada.b", "已关注", "已请求", "此账户为私密账户"],
];

#[test]
fn profiles_say_what_we_are_to_a_person() {
    for [language, follow, follow_named, following, requested, private] in PROFILES {
        let profile = |label: &str| {
            let screen = read(&format!(
                "<XCUIElementTypeNavigationBar name=\"ada.b\"/>\
                 <XCUIElementTypeButton name=\"user-detail-header-followers\" label=\"7\"/>\
                 <XCUIElementTypeButton name=\"user-detail-header-follow-button\" label=\"{label}\"/>\
                 <XCUIElementTypeStaticText name=\"{private}\" label=\"{private}\"/>"
            ));
            let Page::Profile(page) = screen.page else { panic!("{language}: {screen}") };
            page
        };
        for (label, tie) in [
            (follow, Relationship::NotFollowing),
            (follow_named, Relationship::NotFollowing),
            (following, Relationship::Following),
            (requested, Relationship::Requested),
        ] {
            let page = profile(label);
            assert_eq!(page.relationship, tie, "{language}: {label}");
            assert!(page.is_private, "{language}: {private}");
        }
        let named = profile(follow_named).follow_label_username;
        assert_eq!(named.as_deref(), Some("ada.b"), "{language}: {follow_named}");
    }
}

#[test]
fn pages_without_identifiers_are_known_by_their_words() {
    let text = |said: &str| {
        read(&format!("<XCUIElementTypeStaticText name=\"{said}\" label=\"{said}\"/>")).page
    };
    for [missing, challenge, suspended] in [
        [
            "Questa pagina non è disponibile",
            "Aiutaci a confermare che sei tu",
            "Abbiamo sospeso il tuo account",
        ],
        ["Bu sayfaya ulaşılamıyor", "Sen olduğunu doğrula", "Hesabını askıya aldık"],
        [
            "Эта страница недоступна",
            "Подтвердите, что это вы",
            "Мы приостановили действие вашего аккаунта",
        ],
        [
            "Halaman ini tidak tersedia",
            "Bantu kami mengonfirmasi bahwa ini Anda",
            "Kami menangguhkan akun Anda",
        ],
        ["यह पेज उपलब्ध नहीं है", "पुष्टि करें कि यह आप हैं", "हमने आपका अकाउंट सस्पेंड कर दिया है"],
        [
            "このページはご利用いただけません。",
            "ご本人であることを確認してください",
            "アカウントを停止しました",
        ],
        [
            "페이지를 사용할 수 없습니다.",
            "본인임을 확인할 수 있도록 도와주세요",
            "회원님의 계정을 정지했습니다",
        ],
        ["هذه الصفحة غير متاحة", "ساعدنا في التأكد من أنه أنت", "علّقنا حسابك"],
        ["此页面不可用", "帮助我们确认是你本人", "我们已停用你的账户"],
    ] {
        assert!(matches!(text(missing), Page::Missing { .. }), "{missing}");
        assert!(matches!(text(challenge), Page::Challenge { .. }), "{challenge}");
        assert!(matches!(text(suspended), Page::AccountSuspended { .. }), "{suspended}");
    }
}

#[test]
fn a_refusal_is_closed_and_a_question_declined_by_the_safe_button() {
    let alert = |words: &str, buttons: [&str; 2]| {
        let buttons = buttons
            .map(|label| format!("<XCUIElementTypeButton name=\"{label}\" label=\"{label}\"/>"));
        let screen = read(&format!(
            "<XCUIElementTypeAlert name=\"{words}\" label=\"{words}\">{}</XCUIElementTypeAlert>",
            buttons.concat()
        ));
        match screen.overlay.unwrap_or_else(|| panic!("{words}")) {
            Overlay::Dialog(dialog) => {
                let profile = AppProfile::builtin();
                profile.closing_button(&dialog).map(|button| ("refusal", button.label.clone()))
            }
            Overlay::Interstitial { safe_button, .. } => Some(("question", safe_button.label)),
            other => panic!("{words}: {other:?}"),
        }
    };
    for (refusal, [tell_us, ok], question, [turn_on, not_now]) in [
        (
            "Riprova più tardi",
            ["Faccelo sapere", "OK"],
            "Attiva le notifiche",
            ["Attiva", "Non ora"],
        ),
        (
            "Daha Sonra Tekrar Dene",
            ["Bize Bildir", "Tamam"],
            "Bildirimleri Aç",
            ["Aç", "Şimdi Değil"],
        ),
        (
            "Повторите попытку позже",
            ["Сообщите нам", "ОК"],
            "Включите уведомления",
            ["Включить", "Не сейчас"],
        ),
        (
            "Coba Lagi Nanti",
            ["Beri tahu kami", "Oke"],
            "Aktifkan Notifikasi",
            ["Aktifkan", "Lain Kali"],
        ),
        ("बाद में फिर से कोशिश करें", ["हमें बताएँ", "ठीक है"], "नोटिफ़िकेशन चालू करें", ["चालू करें", "अभी नहीं"]),
        (
            "後でもう一度実行してください",
            ["お知らせください", "OK"],
            "お知らせをオンにする",
            ["オンにする", "後で"],
        ),
        (
            "나중에 다시 시도하세요",
            ["알려주세요", "확인"],
            "알림을 켜시겠어요?",
            ["켜기", "나중에 하기"],
        ),
        ("حاول مرة أخرى لاحقًا", ["أخبرنا", "حسنًا"], "تشغيل الإشعارات", ["تشغيل", "ليس الآن"]),
        ("请稍后再试", ["告诉我们", "确定"], "打开通知", ["打开", "以后再说"]),
    ] {
        let closed = alert(refusal, [tell_us, ok]);
        assert_eq!(closed, Some(("refusal", ok.to_owned())), "{refusal}");
        let declined = alert(question, [turn_on, not_now]);
        assert_eq!(declined, Some(("question", not_now.to_owned())), "{question}");
    }
}
